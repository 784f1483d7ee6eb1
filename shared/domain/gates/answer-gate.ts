import type { GateEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StateGateDependencies } from "../deps.ts";
import { runIdOf } from "./gate-question.ts";
import { asNative, LeftAlone, NotDispatched, ofOwnRun } from "./own-run.ts";
import { passGate } from "./pass-gate.ts";
import { TaskError } from "./task-error.ts";

/**
 * Answers a gate that is a state of the compiled flow. Since version 2, a managed flow's gate has one refusal, which leads to the park; the
 * park ends the execution of a run that has ended. The gate of an attached flow fails its execution itself, with an error that says why.
 * A fail gate has no refusal, because the execution ends after it anyway.
 */
export const answerGate = async (deps: StateGateDependencies, event: GateEvent): Promise<void> => {
  try {
    await pass(deps, event);
  } catch (error) {
    if (error instanceof LeftAlone) return;
    if (event.arn === undefined || !endsTheExecution(error)) throw error;
    if (event.kind === "fail") return;
    if (event.attached === undefined) throw new TaskError("paused", error.message);
    throw error.why === "closed" ? await runIsOver(deps, event) : error;
  }
};

const pass = async (deps: StateGateDependencies, event: GateEvent): Promise<void> => {
  try {
    await passGate(deps, event);
  } catch (error) {
    if (!(error instanceof NotDispatched)) throw error;
    await passGate(deps, asNative(event));
  }
};

const ENDS: readonly TaskError["why"][] = ["closed", "timedOut", "notARun", "runIsOver", "flowHeld"];
const endsTheExecution = (error: unknown): error is TaskError =>
  error instanceof TaskError && ENDS.includes(error.why);

const runIsOver = async (deps: StateGateDependencies, given: GateEvent): Promise<TaskError> => {
  const { workspace, execution } = await ofOwnRun(deps, given);
  const { runId } = runIdOf(execution);
  const run = await deps.runs.get(workspace, runId);
  return new TaskError("runIsOver", `${howItEnded(runId, run)} Start a new execution, or replay the run.`);
};

const howItEnded = (runId: string, run: RunItem | undefined): string => {
  if (run === undefined || run.deleted === true) return `The run ${runId} was deleted.`;
  if (run.status !== "cancelled") return `The run ${runId} is ${run.status}.`;
  const by = run.recentAudit.findLast(({ to }) => to === "cancelled")?.actor.id;
  const reason = run.cancelReason === undefined ? "" : `: ${run.cancelReason}`;
  return `The run ${runId} was cancelled${by === undefined ? "" : ` by ${by}`}${reason}.`;
};
