import { setTimeout as delay } from "node:timers/promises";

/** Simulates a warehouse that takes a moment to answer. */
export const handler = async (order: { orderId: string; slow?: boolean }) => {
  await delay(order.slow ? 1_500 : 20);
  return { reservationId: `res-${order.orderId}` };
};
