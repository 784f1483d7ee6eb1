class CarrierDown extends Error {
  override readonly name = "CarrierDown";
}
const refused = new Set<string>();

/** Simulates a carrier that is down at the first attempt for some orders, so that there is a run to replay. */
export const handler = async (order: { orderId: string; carrierDown?: boolean }) => {
  if (order.carrierDown === true && !refused.has(order.orderId)) {
    refused.add(order.orderId);
    throw new CarrierDown("The carrier does not answer");
  }
  return { trackingId: `trk-${order.orderId}` };
};
