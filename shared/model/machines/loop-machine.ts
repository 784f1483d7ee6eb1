import type { JsonObject } from "../json/json.ts";
import { iso } from "../time/clock.ts";

/** The state that the handler of a loop passes from one batch to the next. */
interface LoopState {
  /** The number of batches so far. */
  readonly batches: number;
  /** Set by the handler: whether there is a next batch, and its earliest start (ISO 8601). */
  readonly goesOn?: boolean;
  readonly nextAt?: string;
}

/** A batch adds nine events to the history, whose limit is 25,000. Retries add some too. */
const MAX_BATCHES = 2_000;

/** Returns the state for the next batch, not before `at` (epoch milliseconds); undefined near the end of the execution's history. */
export const nextBatch = <State extends LoopState>(state: State, at: number): State | undefined => {
  const batches = state.batches + 1;
  return batches < MAX_BATCHES ? { ...state, batches, goesOn: true, nextAt: iso(at) } : undefined;
};

/** Returns the state that ends the execution. */
export const lastBatch = <State extends LoopState>(state: State): State => ({ ...state, goesOn: false });

/**
 * Returns a state machine that alternates between a batch and a wait. The handler sets the end of the wait, so a slow batch is
 * not followed by a full pause. A failed batch is retried with backoff. If the retries fail too, the sweeper starts the next
 * attempt of the loop.
 */
const loopDefinition = (comment: string, functionArn: string): JsonObject => ({
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

/** No flow's machine can have this name. */
export const DRAIN_MACHINE = "sluice-drain";

/** Input of a drain's execution, which its handler passes from one batch to the next. */
export interface DrainState extends LoopState {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly attempt: number;
  /** The visit of the keys of a concurrency limit: when it began (ISO 8601), and the last key that it has finished. */
  readonly slots?: { readonly since: string; readonly after?: string };
  /** Where the count of the runs under way goes on, after a concurrency limit was set. */
  readonly open?: OpenRunsPlace;
}

/** A place among the open runs of a workspace: a part of their index, and a position in it. */
export interface OpenRunsPlace {
  readonly source: number;
  readonly before?: string;
}

export const drainDefinition = (drainFunctionArn: string): JsonObject =>
  loopDefinition("Wakes and starts what a held flow has kept", drainFunctionArn);

/** No flow's machine can have this name. */
export const BULK_MACHINE = "sluice-bulk";

/** Input of a bulk operation's execution, which its handler passes from one batch to the next. */
export interface BulkState extends LoopState {
  readonly workspace: string;
  readonly bulkId: string;
  /** Part of the execution's name, because Step Functions reserves a name for 90 days, even that of a failed execution. */
  readonly attempt: number;
  /** The work is on the flows of the incident with this id. */
  readonly incident?: boolean | undefined;
}

export const bulkDefinition = (bulkFunctionArn: string): JsonObject =>
  loopDefinition("Does one action to each of the runs of a bulk operation", bulkFunctionArn);
