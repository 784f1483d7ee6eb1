/** Where a run that is paused stands. Each is the name of a state. */
interface Standing {
  /** The step that is still running, or the one that failed. */
  readonly at?: string;
  /** The newest step, which has ended. */
  readonly after?: string;
  /** The state that is next; empty at the end of the flow. */
  readonly before?: string;
}

interface Standable {
  readonly status: string;
  readonly pausedBy?: { readonly kind: string; readonly state?: string | undefined } | undefined;
  readonly parkedAt?: string | undefined;
  readonly queued: boolean;
  readonly currentStep?: string | undefined;
  readonly stoppedBefore?: string | undefined;
}

/** Returns where a paused run stands, the same for lists, graph and command line. Empty if it has not begun or is not paused. */
const standingOf = (run: Standable): Standing => {
  const { status, pausedBy, parkedAt, queued, currentStep, stoppedBefore } = run;
  if (status !== "paused" || queued) return {};
  if (pausedBy?.kind === "error") return pausedBy.state ? { at: pausedBy.state } : {};
  if (parkedAt === undefined || stoppedBefore === undefined)
    return currentStep === undefined ? {} : { at: currentStep };
  // A step that asks again by itself, before its next attempt, has not ended.
  const after = currentStep === undefined || currentStep === stoppedBefore ? {} : { after: currentStep };
  return { ...after, before: stoppedBefore };
};

/** The place in words: `after Charge, before Ship`, `at Charge`; "" if there is none. */
export const standingText = (run: Standable): string => {
  const { at, after, before } = standingOf(run);
  if (at !== undefined) return `at ${at}`;
  const next = before === undefined ? "" : before === "" ? "at the end" : `before ${before}`;
  return [...(after === undefined ? [] : [`after ${after}`]), ...(next === "" ? [] : [next])].join(", ");
};
