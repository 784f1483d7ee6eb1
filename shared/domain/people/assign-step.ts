import type { Actor } from "../../model/actor.ts";
import type { Step } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import type { RunDependencies } from "../deps.ts";
import { stepAlreadyCompleted } from "../refusals.ts";
import { readStep, type StepAddress } from "../steps/read-steps.ts";
import { awaitQuestion, openTask } from "./answer-step.ts";

export interface AssignStepRequest extends StepAddress {
  readonly actor: Actor;
  readonly assignees: readonly string[];
  readonly reason?: string | undefined;
}

/**
 * Assigns an open approval or form to other users, for example because the only assignee has left. One conditional write: an answer that comes
 * first stands, and refuses the assignment. Inboxes read the assignees from the step itself.
 */
export const assignStep = async (deps: RunDependencies, request: AssignStepRequest): Promise<Step> => {
  const { workspace, runId, stepId, actor, assignees, reason } = request;
  const { run, step } = await awaitQuestion(deps, request);
  const { token } = openTask(run, step);
  const at = iso(deps.clock.now());
  const assigned = { by: actor.id, at, ...(reason === undefined || reason === "" ? {} : { reason }) };
  const written = await deps.steps.assign(workspace, runId, stepId, { token, assignees, assigned });
  if (!written.ok) throw stepAlreadyCompleted();
  return readStep(deps, request);
};
