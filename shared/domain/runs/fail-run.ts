import type { RunItem } from "../../store/runs/run-item.ts";
import { UnstorableError } from "../../store/table.ts";
import type { EndDependencies } from "../deps.ts";
import type { Failure } from "../steps/failure.ts";
import { failed } from "./failures/failure-group.ts";
import { recordFailure } from "./failures/record-failure.ts";
import { newIntent } from "./intents.ts";
import { ending } from "./status-change.ts";

export interface FailOptions {
  /** Writes the intent to stop the execution, for the caller to perform. */
  readonly stop?: boolean;
  /** Its execution ran. A run that failed before its first gate then has a start. */
  readonly began?: boolean;
  /** Checks before each attempt whether the reason still applies. */
  readonly still?: (run: RunItem) => boolean;
}

/**
 * Ends the run as failed, whatever else happens to it in the meantime. Returns the current run: undefined if it is gone, unchanged if it
 * had already ended or the reason no longer applies.
 */
export const failRun = (
  deps: Pick<EndDependencies, "clock" | "ids" | "ends" | "runs" | "metrics">,
  run: RunItem,
  failure: Failure,
  options: FailOptions = {},
): Promise<RunItem | undefined> => {
  return recordFailure(deps, run, failure, (current, now) => {
    if (options.still?.(current) === false) return undefined;
    const { set, remove } = ending(now);
    const intent = options.stop ? { intent: newIntent(["stop"], current.intent, now, deps.ids) } : {};
    return {
      transition: "fail",
      patch: {
        set: {
          ...set,
          ...(options.began ? beginningOf(current) : {}),
          ...intent,
          ...failed(current, failure, now),
        },
        remove: options.stop ? remove : [...remove, "intent"],
      },
    };
  });
};

/** A run whose execution ends before its first gate began when it was dispatched. One that waits in a queue has not begun. */
export const beginningOf = ({
  startedAt,
  createdAt,
  queuedAt,
}: Pick<RunItem, "startedAt" | "createdAt" | "queuedAt">): Pick<RunItem, "startedAt"> =>
  startedAt === undefined && queuedAt === undefined ? { startedAt: createdAt } : {};

export const UNSTORABLE =
  "Sluice cannot store the data of this step, because DynamoDB rejects its content or size. Fix the step, then replay the run.";

/**
 * Fails a run whose next write DynamoDB rejects because of its content, with the intent to stop its execution, because every retry would
 * be rejected too. Does nothing if the run already continues in a later execution than that of `attempt`.
 */
export const endUnstorable = (
  deps: Parameters<typeof failRun>[0],
  run: RunItem,
  state: string,
  attempt: number = run.attempt,
): Promise<RunItem | undefined> =>
  failRun(
    deps,
    run,
    { error: UnstorableError.ERROR, cause: UNSTORABLE, state: state.toWellFormed() },
    { stop: true, still: (current) => current.attempt === attempt },
  );
