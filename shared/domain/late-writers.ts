/**
 * Whoever may still write about something after it was closed or deleted had read it before, and is gone by then: twice the
 * longest time-out of a function that handles one run or one flow, since clocks differ. (The sweeper lives longer, and
 * spends moments on each.)
 */
export const LATE_WRITERS_MS = 120_000;
