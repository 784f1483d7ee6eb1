import type { JsonObject } from "./json.ts";

/** Its name lies outside those of flows' machines. */
export const DRAIN_MACHINE = "sluice-drain";

/** What a drain's execution is given, and what its handler hands on from one batch to the next. */
export interface DrainState {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly attempt: number;
  /** Batches so far. */
  readonly batches: number;
  /** Set by the handler: whether there is a next batch, and not before when (ISO 8601). */
  readonly goesOn?: boolean;
  readonly nextAt?: string;
}

/**
 * The drain: a batch, a wait, the next batch. The pace lies in the Wait, so that a batch that was slow is not waited for twice.
 * A batch that fails is repeated with growing distances; when that fails too, the sweeper starts the drain under its next name.
 */
export const drainDefinition = (drainFunctionArn: string): JsonObject => ({
  Comment: "Wakes and starts what a held flow has kept",
  StartAt: "Batch",
  States: {
    Batch: {
      Type: "Task",
      Resource: drainFunctionArn,
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
      Default: "Drained",
    },
    Pace: { Type: "Wait", TimestampPath: "$.nextAt", Next: "Batch" },
    Drained: { Type: "Succeed" },
  },
});
