import type { Run } from "../../../../shared/model/schemas/run.ts";

/** Since when the run stands as it stands. */
export const sinceOf = (run: Run): string | undefined => {
  if (run.status === "paused") return run.pausedBy?.at ?? run.updatedAt;
  return run.endedAt ?? run.updatedAt;
};

/** A cause as people read it: the message of a Lambda function's error, which comes as JSON with its stack. */
export const causeText = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === "object" && parsed !== null && "errorMessage" in parsed)
      return String(parsed.errorMessage);
  } catch {
    // A cause is any text.
  }
  return cause;
};

/** Why a run does not go on, in one line. */
export const reasonOf = (run: Run): string => {
  const at = run.currentStep === undefined ? "" : ` at ${run.currentStep}`;
  if (run.status === "failed") {
    const { error, cause, state } = run.error ?? { error: "Unknown error", cause: "", state: "" };
    return `${error}${state === "" ? "" : ` in ${state}`}${cause === "" ? "" : `: ${causeText(cause)}`}`;
  }
  if (run.status === "waiting") return `Waits on ${WAITS[run.waitingOn?.kind ?? "callback"]}${at}`;
  if (run.status !== "paused") return run.cancelReason ?? "";
  const by = run.pausedBy?.kind === "flow" ? "Its flow is held" : `Paused by ${run.pausedBy?.id ?? "a user"}`;
  const why = run.pausedBy?.reason === undefined ? "" : `: ${run.pausedBy.reason}`;
  return `${by}${at}${why}`;
};

const WAITS = {
  delay: "a timer",
  approval: "an approval",
  form: "a form",
  callback: "a callback",
} as const satisfies Record<NonNullable<Run["waitingOn"]>["kind"], string>;
