import type { JsonObject } from "../json/json.ts";

/** What a handler hands on from one batch to the next, in a loop of calls and waits. */
export interface LoopState {
  /** Batches so far. */
  readonly batches: number;
  /** Set by the handler: whether there is a next batch, and not before when (ISO 8601). */
  readonly goesOn?: boolean;
  readonly nextAt?: string;
}

/** A batch is nine events of the 25,000 that an execution may have; repeats need some too. */
export const MAX_BATCHES = 2_000;

/**
 * A batch, a wait, the next batch. The pace lies in the Wait, so that a batch that was slow is not waited for twice.
 * A batch that fails is repeated with growing distances; when that fails too, the sweeper starts the loop under its next name.
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
