/** Maximum cost of a step. */
export const MAX_COST = 1_000_000_000;
export const COST_DECIMALS = 9;
/** Bounds of a spend cap. */
export const MIN_SPEND = 1e-9;
export const MAX_SPEND = 1_000_000_000_000;

/**
 * Returns the nearest cost that a meter can add up: DynamoDB keeps 38 digits, and its SDK rejects numbers beyond 2^53. Flows
 * that were published before costs were checked may contain any number.
 */
export const countableCost = (cost: number): number =>
  Number(Math.min(Math.max(cost, 0), MAX_COST).toFixed(COST_DECIMALS));
