class CardDeclined extends Error {
  override readonly name = "CardDeclined";
}

/** Simulates a payment service, with the order's id as its idempotency key. */
export const handler = async (order: { orderId: string; amount: number; card?: string }) => {
  if (order.card === "declined") throw new CardDeclined(`The card for ${order.orderId} was declined`);
  return { paymentId: `pay-${order.orderId}`, amount: order.amount };
};
