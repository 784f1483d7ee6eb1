import type { JsonObject } from "../../model/json/json.ts";
import { asTemplate } from "./jsonata-text.ts";

export interface Catcher extends JsonObject {
  readonly ErrorEquals: string[];
}

export const UNCHANGED = asTemplate("$states.input");
export const BAD_EXPRESSION = "States.QueryEvaluationError";

/**
 * The retrier of Sluice's own calls. It gives up later than the execution's history ends, so a failure of Sluice never reaches the
 * user's handlers. Full jitter spreads the retries of a thousand gates.
 */
export const OWN_FAILURES: JsonObject = {
  ErrorEquals: ["States.ALL"],
  MaxAttempts: 9999,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** Retries failures of a call, but not its answers: the errors that are caught, and `raised` ones. */
export function ownHandlers(catchers: readonly Catcher[], raised: readonly string[] = []): JsonObject {
  const answers = [...catchers.flatMap(({ ErrorEquals }) => ErrorEquals), ...raised];
  const Retry = [...(answers.length === 0 ? [] : [{ ErrorEquals: answers, MaxAttempts: 0 }]), OWN_FAILURES];
  return { Retry, ...(catchers.length === 0 ? {} : { Catch: [...catchers] }) };
}
