import { API_TIMEOUT_SECONDS } from "../model/limits.ts";

/**
 * After this time, every writer that read a run or flow before it was closed or deleted has ended. It is twice the longest
 * timeout of a function that handles one run or flow, since clocks differ. (The sweeper lives longer, but spends only moments
 * on each item.)
 */
export const LATE_WRITER_MS = 120_000;

/** After this time, every API call and gate that read the flow's hold before it was lifted has ended, a dispatch that waits for its run too. */
export const LATE_HOLD_READER_MS = (API_TIMEOUT_SECONDS + 2) * 1_000;
