import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { longTexts } from "./read-steps.ts";
import { settleSteps } from "./settle-steps.ts";

export interface RecordedStep {
  readonly state: string;
  /** The raw input of the state, JSON text. */
  readonly input: string;
}

/**
 * Returns the newest visit of a top-level state with its raw input, for a replay that starts there. Without a name, it is the
 * step at which the run failed, or the top-level state around it. Undefined if the run never reached it.
 */
export const recordedStep = async (
  deps: RunDependencies,
  run: RunItem,
  state?: string,
): Promise<RecordedStep | undefined> => {
  const name = state ?? (await failedState(deps, run));
  if (name === undefined) return undefined;
  const settled = await settleSteps(deps, run);
  const found = settled.findLast(({ step }) => step.path === "" && step.name === name);
  if (found === undefined) return undefined;
  const long = await longTexts(deps, run, settled, [found]);
  const input = found.step.input ?? long.get(found.step.stepId)?.input;
  return input === undefined ? undefined : { state: name, input };
};

const failedState = async (deps: RunDependencies, run: RunItem): Promise<string | undefined> => {
  if (run.error?.state !== undefined && run.error.state !== "") return run.error.state;
  const settled = await settleSteps(deps, run);
  const failed = settled.findLast(({ step, end }) => step.path === "" && end?.status === "failed");
  return failed?.step.name ?? run.currentStep?.name;
};
