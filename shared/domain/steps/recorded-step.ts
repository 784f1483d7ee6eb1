import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { readVisits } from "./history.ts";
import { longTexts } from "./read-steps.ts";
import { settleSteps } from "./settle-steps.ts";
import { executionOf } from "./step-history.ts";

/**
 * Returns the raw input of the newest visit of a top-level state, as JSON text, for a replay that starts there. Undefined if the run never
 * reached it. A state that is no step, such as a Choice, a Pass or a Fail, is in the histories alone, which Step Functions deletes after 90
 * days.
 */
export const recordedInput = async (
  deps: RunDependencies,
  run: RunItem,
  state: string,
): Promise<string | undefined> => {
  const settled = await settleSteps(deps, run);
  const found = settled.findLast(({ step }) => step.path === "" && step.name === state);
  if (found === undefined) return inputInHistories(deps, run, state);
  return found.step.input ?? (await longTexts(deps, run, settled, [found])).get(found.step.stepId)?.input;
};

/** The newest attempt has no execution if the run was given up after an error had halted it. */
const inputInHistories = async (
  deps: RunDependencies,
  run: RunItem,
  state: string,
): Promise<string | undefined> => {
  for (let { attempt } = run; attempt > 0; attempt -= 1) {
    const visits = await readVisits(deps.executions.history(executionOf(deps, run, attempt)));
    const visit = visits.findLast((one) => one.nested === undefined && one.state === state);
    if (visit?.input !== undefined) return visit.input;
  }
  return undefined;
};

/** Returns the state that caused a run's failure, or the newest step that failed; undefined if there is none. */
export const failedState = async (deps: RunDependencies, run: RunItem): Promise<string | undefined> => {
  if (run.error?.state !== undefined && run.error.state !== "") return run.error.state;
  const settled = await settleSteps(deps, run);
  const failed = settled.findLast(({ step, end }) => step.path === "" && end?.status === "failed");
  return failed?.step.name ?? run.currentStep?.name;
};
