class CarrierDown extends Error {
  override readonly name = "CarrierDown";
}
const refused = new Set<string>();

/** Stands for a carrier that is down the first time for some orders, so that there is something to replay. */
export const handler = async (order: { orderId: string; carrierDown?: boolean }) => {
  if (order.carrierDown === true && !refused.has(order.orderId)) {
    refused.add(order.orderId);
    throw new CarrierDown("The carrier does not answer");
  }
  return { trackingId: `trk-${order.orderId}` };
};
