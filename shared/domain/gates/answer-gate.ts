import type { GateEvent } from "../../model/machines/task-events.ts";
import type { StateGateDependencies } from "../deps.ts";
import { passGate } from "./pass-gate.ts";
import { TaskError } from "./task-error.ts";

/**
 * Answers a gate that is a state of the compiled flow. Since version 2, the text of a gate knows one refusal, which leads to the
 * park; the park ends the execution of a run that is over. A fail gate has no park, because the execution ends after it anyway.
 */
export const answerGate = async (deps: StateGateDependencies, event: GateEvent): Promise<void> => {
  try {
    await passGate(deps, event);
  } catch (error) {
    if (!(event.arn !== undefined && saysThatItIsOver(error))) throw error;
    if (event.kind !== "fail") throw new TaskError("paused", error.message);
  }
};

const saysThatItIsOver = (error: unknown): error is TaskError =>
  error instanceof TaskError && (error.why === "closed" || error.why === "timedOut");
