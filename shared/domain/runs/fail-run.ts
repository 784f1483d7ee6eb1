import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { UnstorableError } from "../../store/table.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import type { Failure } from "../steps/failure.ts";
import { failed } from "./failures/failure-group.ts";
import { newIntent } from "./intents.ts";
import { changeBySystem, ending } from "./status-change.ts";

export interface FailOptions {
  /** Writes the intent to stop the execution, for the caller to perform. */
  readonly stop?: boolean;
  /** Checks before each attempt whether the reason still applies. */
  readonly still?: (run: RunItem) => boolean;
}

/**
 * Ends the run as failed, whatever else happens to it in the meantime. The full cause is stored first: if the process dies,
 * nobody reads it, since the run has not failed, and a concurrent end keeps its own. Returns the current run: undefined if it
 * is gone, unchanged if it had already ended or the reason no longer applies.
 */
export const failRun = async (
  deps: Pick<RunDependencies, "clock" | "ids" | "runs" | "metrics">,
  run: RunItem,
  failure: Failure,
  options: FailOptions = {},
): Promise<RunItem | undefined> => {
  let record: RunItem | undefined = run;
  return retryOnConflict(
    deps,
    async (attempt) => {
      if (record === undefined || record.deleted === true) return undefined;
      if (isTerminal(record.status) || options.still?.(record) === false) return record;
      if (attempt === 1) await deps.runs.putOutput(run.workspace, run.runId, failure);
      const now = deps.clock.now();
      const { set, remove } = ending(now);
      const intent = options.stop ? { intent: newIntent(["stop"], record.intent, now, deps.ids) } : {};
      const written = await deps.runs.changeStatus(record, [changeBySystem("fail", now)], {
        set: { ...set, ...intent, ...failed(record, failure, now) },
        remove: options.stop ? remove : [...remove, "intent"],
      });
      if (written.ok) return written.run;
      record = written.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to be ended"),
  );
};

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
