import type { JsonObject } from "../json/json.ts";

/** State that the handler of a loop passes from one batch to the next. */
export interface LoopState {
  /** Batches so far. */
  readonly batches: number;
  /** Set by the handler: whether there is a next batch, and its earliest start (ISO 8601). */
  readonly goesOn?: boolean;
  readonly nextAt?: string;
}

/** A batch adds nine events to the history, which may have 25,000. Retries add some too. */
export const MAX_BATCHES = 2_000;

/**
 * Returns a state machine that alternates a batch and a wait. The handler sets the end of the wait, so a slow batch is not followed by
 * a full pause. A failed batch is retried with backoff; when the retries fail too, the sweeper starts the next attempt of the loop.
 */
export const loopDefinition = (comment: string, functionArn: string): JsonObject => ({
  Comment: comment,
  StartAt: "Batch",
  States: {
    Batch: {
      Type: "Task",
      Resource: functionArn,
      Retry: [
        {
          ErrorEquals: ["States.ALL"],
          IntervalSeconds: 1,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          MaxAttempts: 12,
          JitterStrategy: "FULL",
        },
      ],
      Next: "More",
    },
    More: {
      Type: "Choice",
      Choices: [{ Variable: "$.goesOn", BooleanEquals: true, Next: "Pace" }],
      Default: "Done",
    },
    Pace: { Type: "Wait", TimestampPath: "$.nextAt", Next: "Batch" },
    Done: { Type: "Succeed" },
  },
});
