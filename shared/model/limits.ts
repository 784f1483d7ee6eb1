/** The most that a record's payload may have, in UTF-8 bytes of its JSON text: Step Functions' own limit, which itself is legal. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** Step Functions ends an execution whose history comes to so many events. */
export const MAX_HISTORY_EVENTS = 25_000;
/** A looping run leaves its execution before so many: the rest is for pauses, retries of gates and the hand-over itself. */
export const HISTORY_MARK = 24_000;
/** A step's input or output longer than this is left out of lists. */
export const MAX_INLINE_STEP_BYTES = 32 * 1024;
export const MAX_BATCH_RECORDS = 100;
/** Queued records that a resume may start in a second; StartExecution has an account quota of its own. */
export const MAX_DRAIN_RATE = 1_000;
/** Permissions of one member, and the characters of a permission's name. */
export const MAX_PERMISSIONS = 100;
export const MAX_PERMISSION_LENGTH = 64;
/** Saved views of one user. */
export const MAX_VIEWS = 100;
/** Characters of an error's name and cause, as Step Functions has it; what is longer is cut. */
export const MAX_ERROR_NAME = 256;
export const MAX_CAUSE = 32_768;
/** What a step for people may ask with: UTF-8 bytes of the JSON text of its title, assignees and form together. */
export const MAX_QUESTION_BYTES = 32 * 1024;
/** Runs that a bulk operation may take in a second, and that its request may name. */
export const MAX_BULK_RATE = 1_000;
export const MAX_BULK_RUN_IDS = 10_000;
export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
