import { messageOf } from "../../../../shared/model/cause.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { standingText } from "../../../../shared/model/standing.ts";
import type { NameOf } from "../../api/people.ts";

/** Returns when the run's current status began. */
export const sinceOf = (run: Run): string | undefined => {
  if (run.status === "paused") return run.pausedBy?.at ?? run.updatedAt;
  return run.endedAt ?? run.updatedAt;
};

/** Names who or what paused the run: a user, its flow, or the error of the step that failed. */
export const pauserOf = ({ pausedBy }: Run, nameOf: NameOf): string => {
  if (pausedBy?.kind === "flow") return "Its flow is paused";
  if (pausedBy?.kind !== "error")
    return `Paused by ${pausedBy?.id === undefined ? "a user" : nameOf(pausedBy.id)}`;
  const { error = "Unknown error", state = "" } = pausedBy;
  return state === "" ? error : `${error} in step ${state}`;
};

/** Returns in one line why a run does not continue. */
export const reasonOf = (run: Run, nameOf: NameOf): string => {
  const at = run.currentStep === undefined ? "" : ` at ${run.currentStep}`;
  if (run.status === "failed") {
    const { error = "Unknown error", state = "" } = run.error ?? {};
    const message = messageOf(run.error ?? {});
    return `${error}${state === "" ? "" : ` in ${state}`}${message === "" ? "" : `: ${message}`}`;
  }
  if (run.status === "waiting") return `Waiting for ${WAITS[run.waitingOn?.kind ?? "callback"]}${at}`;
  if (run.status !== "paused") return run.cancelReason ?? "";
  const { kind, reason } = run.pausedBy ?? {};
  const why = kind === "error" ? messageOf(run.pausedBy ?? {}) : (reason ?? "");
  const place = standingText(run);
  return `${pauserOf(run, nameOf)}${kind === "error" || place === "" ? "" : ` ${place}`}${why === "" ? "" : `: ${why}`}`;
};

const WAITS = {
  delay: "a timer",
  approval: "an approval",
  form: "a form",
  callback: "a callback",
} as const satisfies Record<NonNullable<Run["waitingOn"]>["kind"], string>;
