import type { RunItem } from "../../store/runs/run-item.ts";
import { UnstorableError } from "../../store/table.ts";
import { failRun } from "./fail-run.ts";

export const UNSTORABLE =
  "Sluice cannot store the data of this step, because DynamoDB rejects its content or size. Fix the step, then replay the run.";

/**
 * Fails a run whose next write DynamoDB rejects because of its content, with the intent to stop its execution: every retry
 * would be rejected too. Does nothing once the run continues in another execution than that of `attempt`.
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
