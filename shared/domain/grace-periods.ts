/**
 * After this time nobody writes any more who had read a run or flow before it was closed or deleted: twice the longest time-out of
 * a function that handles one run or one flow, since clocks differ. (The sweeper lives longer, but spends moments on each.)
 */
export const LATE_WRITER_MS = 120_000;

/** After this time no API call or gate is running that had read the flow's hold before it was lifted: their time-out is 29 s. */
export const LATE_HOLD_READER_MS = 31_000;
