import { causeMessage } from "../../../../shared/model/cause-message.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";

/** Returns when the run's current status began. */
export const sinceOf = (run: Run): string | undefined => {
  if (run.status === "paused") return run.pausedBy?.at ?? run.updatedAt;
  return run.endedAt ?? run.updatedAt;
};

/** Names who or what paused the run: a user, its flow, or the error of the step that failed. */
export const pauserOf = ({ pausedBy }: Run): string => {
  if (pausedBy?.kind === "flow") return "Its flow is paused";
  if (pausedBy?.kind !== "error") return `Paused by ${pausedBy?.id ?? "a user"}`;
  const { error = "Unknown error", state = "" } = pausedBy;
  return state === "" ? error : `${error} in step ${state}`;
};

/** Returns in one line why a run does not continue. */
export const reasonOf = (run: Run): string => {
  const at = run.currentStep === undefined ? "" : ` at ${run.currentStep}`;
  if (run.status === "failed") {
    const { error, cause, state } = run.error ?? { error: "Unknown error", cause: "", state: "" };
    return `${error}${state === "" ? "" : ` in ${state}`}${cause === "" ? "" : `: ${causeMessage(cause)}`}`;
  }
  if (run.status === "waiting") return `Waiting for ${WAITS[run.waitingOn?.kind ?? "callback"]}${at}`;
  if (run.status !== "paused") return run.cancelReason ?? "";
  const { kind, reason, cause } = run.pausedBy ?? {};
  const why = kind === "error" ? causeMessage(cause ?? "") : (reason ?? "");
  return `${pauserOf(run)}${kind === "error" ? "" : at}${why === "" ? "" : `: ${why}`}`;
};

const WAITS = {
  delay: "a timer",
  approval: "an approval",
  form: "a form",
  callback: "a callback",
} as const satisfies Record<NonNullable<Run["waitingOn"]>["kind"], string>;
