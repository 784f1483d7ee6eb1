import type { JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import { asTemplate } from "./jsonata-text.ts";

export interface Catcher extends JsonObject {
  readonly ErrorEquals: string[];
}

export const UNCHANGED = asTemplate("$states.input");
export const BAD_EXPRESSION = "States.QueryEvaluationError";

/**
 * The retrier of Sluice's own calls. It outlasts the execution's history, so a failure of Sluice never reaches the user's handlers. Full
 * jitter spreads the retries of many gates.
 */
export const OWN_FAILURES: JsonObject = {
  ErrorEquals: ["States.ALL"],
  MaxAttempts: 9999,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** Ends an execution of a managed flow whose run is over. Every gate may answer so. */
export const RUN_IS_OVER: string = TASK_ERRORS.runIsOver;
/** Errors that end an execution without a run, too. Only a top-level gate that follows no step answers so, which keeps the others' text short. */
export const WITHOUT_RUN: readonly string[] = [TASK_ERRORS.notARun, RUN_IS_OVER];

/** Retries failures of a call, except those that are answers: the errors that are caught, and those in `raised`. */
export function ownHandlers(catchers: readonly Catcher[], raised: readonly string[] = []): JsonObject {
  const answers = [...catchers.flatMap(({ ErrorEquals }) => ErrorEquals), ...raised];
  const Retry = [...(answers.length === 0 ? [] : [{ ErrorEquals: answers, MaxAttempts: 0 }]), OWN_FAILURES];
  return { Retry, ...(catchers.length === 0 ? {} : { Catch: [...catchers] }) };
}
