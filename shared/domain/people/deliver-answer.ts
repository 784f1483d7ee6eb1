import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { visitsOfSteps } from "../steps/step-history.ts";

/** Whether the flow uses the answer. It does not if the step had timed out or its run had ended. */
export type Delivery = "counted" | "too-late";

/**
 * Sends a step's stored answer with its task token, then clears the intent. If the process dies in between, the answer is sent
 * again, which does no harm. The execution's history distinguishes an answer whose response was lost from one that came too
 * late.
 */
export const deliverAnswer = async (
  deps: RunDependencies,
  run: RunItem,
  step: StepItem,
): Promise<Delivery> => {
  const { answer, intent, token } = step.human ?? {};
  if (answer === undefined || token === undefined) return "too-late";
  const rejected = (JSON.parse(answer) as { decision: string }).decision === "rejected";
  const outcome = rejected
    ? await deps.executions.fail(token, TASK_ERRORS.rejected, answer)
    : await deps.executions.succeed(token, answer);
  const delivery = outcome === "sent" ? "counted" : await lookUp(deps, run, step);
  if (intent !== undefined) {
    await deps.steps.clearIntent(run.workspace, run.runId, step.stepId, intent.id);
  }
  return delivery;
};

/** If the token was already used, our own call used it, unless the step failed or the execution ended. */
const lookUp = async (deps: RunDependencies, run: RunItem, step: StepItem): Promise<Delivery> => {
  const visit = (await visitsOfSteps(deps, run, { all: [step], wanted: [step] })).get(step.stepId);
  if (visit?.failed !== undefined) {
    return visit.failed.error === TASK_ERRORS.rejected ? "counted" : "too-late";
  }
  if (visit?.exited !== undefined) return "counted";
  const now = await deps.runs.get(run.workspace, run.runId);
  return now === undefined || now.deleted === true || isTerminal(now.status) ? "too-late" : "counted";
};
