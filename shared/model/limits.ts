/** Maximum payload of a record, in UTF-8 bytes of its JSON text: Step Functions' limit for an execution's input. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** Step Functions fails an execution whose history reaches this number of events. */
export const MAX_HISTORY_EVENTS = 25_000;
/**
 * A looping run continues as new before this number of events. The remaining events allow for pauses, retries of gates and the
 * change of execution.
 */
export const HISTORY_MARK = 24_000;
/** Lists omit a longer input or output of a step. */
export const MAX_INLINE_STEP_BYTES = 32 * 1024;
export const MAX_BATCH_RECORDS = 100;
/** Maximum number of runs that one key of a concurrency limit lets run at once. One item has their names. */
export const MAX_SLOTS = 500;
/** Records with a higher priority leave a queue first. */
export const MAX_PRIORITY = 9;
export const DEFAULT_PRIORITY = 5;
/** Maximum number of steps of a resume that pauses again after them. */
export const MAX_STEPS = 1_000;
/** How far ahead a pause can be planned, in days. */
export const MAX_PLAN_DAYS = 90;
/** Queued records that a drain may start per second. StartExecution also has a quota for the account. */
export const MAX_DRAIN_RATE = 1_000;
/** Maximum number of runs of a canary. */
export const MAX_CANARY = 50;
/** Maximum number of kinds and ids of holds in a resume. */
export const MAX_NAMED_HOLDS = 20;
/** Maximum number of states in a hold on steps, and maximum length of a state's name, in characters, as in Step Functions. */
export const MAX_HELD_STEPS = 50;
export const MAX_STATE_NAME = 80;
/** Maximum size of the copy of a flow's holds that every gate reads, in bytes of its JSON text. */
export const MAX_HOLD_COPY_BYTES = 4_096;
/** Maximum number of permissions of one member, and maximum length of a permission's name, in characters. */
export const MAX_PERMISSIONS = 100;
export const MAX_PERMISSION_LENGTH = 64;
/** Maximum number of saved views per user. */
export const MAX_VIEWS = 100;
/** Maximum length of an error's name and cause, in characters, as in Step Functions. Longer ones are cut. */
export const MAX_ERROR_NAME = 256;
export const MAX_CAUSE = 32_768;
/**
 * Maximum size of the question of an approval or form: UTF-8 bytes of the JSON text of its title, assignees and form together.
 */
export const MAX_QUESTION_BYTES = 32 * 1024;
/** Maximum number of runs that a bulk operation may process per second, and that its request may name. */
export const MAX_BULK_RATE = 1_000;
export const MAX_BULK_RUN_IDS = 10_000;
/** Maximum number of attributes of a flow's runs. */
export const MAX_ATTRIBUTES = 5;
/** Maximum length of an attribute's value, in UTF-8 bytes. A run has no longer ones, since each step is billed by the run's size. */
export const MAX_ATTRIBUTE_BYTES = 256;
/** Maximum time that a dispatch waits for the run's end, in seconds. Less than the timeout of the functions of the API. */
export const MAX_WAIT_SECONDS = 25;
/** Timeout of the functions of the API, in seconds. API Gateway waits for 30. */
export const API_TIMEOUT_SECONDS = 29;
/** Maximum number of triggers of a flow. */
export const MAX_TRIGGERS = 20;
export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
/** Maximum number of runs that one call of the changes of a list names, and of new ones that it counts. */
export const MAX_CHANGED_RUNS = 100;
export const MAX_NEWER_RUNS = 50;
