/** A record's payload and a flow's output, in UTF-8 bytes of JSON text; Step Functions' own limit. The limit itself is refused too. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** A step's input or output longer than this is left out of lists. */
export const MAX_INLINE_STEP_BYTES = 32 * 1024;
/** Longest life of a manual hold. */
export const MAX_HOLD_DAYS = 14;
export const MAX_BATCH_RECORDS = 100;
export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
