/** The state of a run's page in its address. */
export interface RunSearch {
  /** The open tab, unless it is the first. */
  readonly tab?: string;
  /** The id of the run with which this one is compared. */
  readonly with?: string;
  /** The id of the chosen step. */
  readonly step?: string;
  /** The chosen state, if no step of it is known. */
  readonly state?: string;
  /** The rows of the timeline that the reader has opened or closed, by their ids. */
  readonly rows?: readonly string[];
}

const MAX_ROWS = 100;
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Reads the state from an address, and ignores anything else in it. */
export const runSearch = ({ tab, with: other, step, state, rows }: Record<string, unknown>): RunSearch => ({
  ...(isText(tab) ? { tab } : {}),
  ...(isText(other) ? { with: other } : {}),
  ...(isText(step) ? { step } : {}),
  ...(isText(state) ? { state } : {}),
  ...(Array.isArray(rows) && rows.some(isText) ? { rows: rows.filter(isText).slice(0, MAX_ROWS) } : {}),
});
