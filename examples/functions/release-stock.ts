/** Gives back what was reserved. */
export const handler = async (order: { reservation: { reservationId: string } }) => ({
  released: order.reservation.reservationId,
});
