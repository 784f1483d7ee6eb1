const DAY_MS = 86_400_000;

/** The ages that the page offers, with their names in its address. */
export const AGES = { P1D: DAY_MS, P7D: 7 * DAY_MS, P30D: 30 * DAY_MS } as const;
export type Age = keyof typeof AGES;

/** The page's filters in its address. */
export interface FailuresSearch {
  readonly flowId?: string;
  readonly since?: Age;
}

const isAge = (value: unknown): value is Age => typeof value === "string" && value in AGES;

/** Reads the filters from an address, and ignores anything else in it. */
export const failuresSearch = ({ flowId, since }: Record<string, unknown>): FailuresSearch => ({
  ...(flowId === undefined || flowId === "" ? {} : { flowId: String(flowId) }),
  ...(isAge(since) ? { since } : {}),
});
