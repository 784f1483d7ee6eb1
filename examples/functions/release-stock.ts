/** Releases reserved stock. */
export const handler = async (order: { reservation: { reservationId: string } }) => ({
  released: order.reservation.reservationId,
});
