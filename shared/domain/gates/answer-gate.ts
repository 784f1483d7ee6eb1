import type { GateEvent } from "../../model/machines/task-events.ts";
import type { StateGateDependencies } from "../deps.ts";
import { endingOf, overFor } from "./end-execution.ts";
import { asNative, LeftAlone, NotDispatched } from "./own-run.ts";
import { passGate } from "./pass-gate.ts";
import { TaskError } from "./task-error.ts";

/**
 * Answers a gate that is a state of the compiled flow. Since version 2, the refusal of a managed flow's gate leads to the park, which stops
 * the execution of a run that has ended. If nothing stops it, and in an attached flow, the gate fails the execution itself, with an error
 * that says why. A fail gate has no refusal, because the execution ends after it anyway.
 */
export const answerGate = async (deps: StateGateDependencies, event: GateEvent): Promise<void> => {
  try {
    await pass(deps, event);
  } catch (error) {
    if (error instanceof LeftAlone) return;
    if (event.arn === undefined || !endsTheExecution(error)) throw error;
    if (event.kind === "fail") return;
    if (event.attached === undefined)
      throw (await refusalOf(deps, event)) ?? new TaskError("paused", error.message);
    throw error.why === "closed" ? await overFor(deps, event) : error;
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

/** The error that ends a managed flow's execution, unless its park stops it. The text of a gate after a step, or in a branch, knows only `runIsOver`. */
const refusalOf = async (deps: StateGateDependencies, event: GateEvent): Promise<TaskError | undefined> => {
  const { arn, child, after, path } = event;
  if (arn === undefined || child !== undefined) return undefined;
  const ending = await endingOf(deps, event, arn);
  if (!(ending instanceof TaskError)) return undefined;
  return path === "" && after === undefined ? ending : new TaskError("runIsOver", ending.message);
};
