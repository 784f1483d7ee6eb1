import { causeMessage } from "../../../../shared/model/cause-message.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";

/** Returns when the run's current status began. */
export const sinceOf = (run: Run): string | undefined => {
  if (run.status === "paused") return run.pausedBy?.at ?? run.updatedAt;
  return run.endedAt ?? run.updatedAt;
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
  const by =
    run.pausedBy?.kind === "flow" ? "Its flow is paused" : `Paused by ${run.pausedBy?.id ?? "a user"}`;
  const why = run.pausedBy?.reason === undefined ? "" : `: ${run.pausedBy.reason}`;
  return `${by}${at}${why}`;
};

const WAITS = {
  delay: "a timer",
  approval: "an approval",
  form: "a form",
  callback: "a callback",
} as const satisfies Record<NonNullable<Run["waitingOn"]>["kind"], string>;
