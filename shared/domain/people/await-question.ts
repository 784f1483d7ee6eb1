import { setTimeout } from "node:timers/promises";
import type { WaitingOn } from "../../model/schemas/run.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { existingRun, stepNotFound, stepNotReady } from "../refusals.ts";
import type { StepAddress } from "../steps/read-steps.ts";

/** The gate marks the run as waiting a moment before the flow sends the question itself. */
const MAX_POLLS = 60;
const POLL_INTERVAL_MS = 50;

/**
 * Returns a step that is about to be answered, with its run. The gate marks the run as waiting before the task token arrives,
 * so a person who answers immediately waits here for a moment. Throws `not_found`, or `service_unavailable` if the token does
 * not arrive.
 */
export const awaitQuestion = async (
  deps: RunDependencies,
  { workspace, runId, stepId }: StepAddress,
): Promise<{ run: RunItem; step: StepItem }> => {
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    const run = existingRun(await deps.runs.get(workspace, runId));
    const step = await deps.steps.get(workspace, runId, stepId);
    if (!willBeAsked(run, step, stepId)) {
      if (step === undefined) throw stepNotFound();
      return { run, step };
    }
    await setTimeout(POLL_INTERVAL_MS);
  }
  throw stepNotReady();
};

const willBeAsked = (run: RunItem, step: StepItem | undefined, stepId: string): boolean => {
  if (isTerminal(run.status) || step?.human !== undefined || step?.end !== undefined) return false;
  if (step === undefined) return run.waitingOn?.stepId === stepId && isHuman(run.waitingOn);
  const passed = step.path === "" && run.currentStep?.stepId !== stepId;
  return isHuman(step.waitingOn) && !passed;
};

const isHuman = (wait: Pick<WaitingOn, "kind"> | undefined): boolean =>
  wait?.kind === "approval" || wait?.kind === "form";
