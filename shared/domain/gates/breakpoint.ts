import type { Actor } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";

/** A visit that may have to stop at its gate. */
export interface Arriving {
  readonly state: string;
  readonly topLevel: boolean;
  readonly stepId: string;
  /** The visit has passed its gate before: this is a late copy, or a retry inside the step. */
  readonly begun?: boolean;
}

/** A pause that a person ordered in advance. */
export interface OrderedPause {
  readonly by: Actor;
  readonly reason: string;
}

/**
 * Returns the pause that a person ordered for this visit: before its state, or after a number of steps. A step that has begun is never
 * stopped. Only top-level states count as steps: the branches of a Parallel and the iterations of a Map belong to theirs.
 */
export const orderedPause = (run: RunItem, visit: Arriving): OrderedPause | undefined => {
  const { pauseBefore, stepping } = run;
  if (visit.begun === true || isNewest(run, visit)) return undefined;
  if (pauseBefore?.state === visit.state) {
    const { by, reason } = pauseBefore;
    const at = `Breakpoint at ${visit.state}`;
    return { by, reason: reason === undefined ? at : `${at}: ${reason}` };
  }
  if (stepping === undefined || stepping.left > 0 || !visit.topLevel) return undefined;
  return { by: stepping.by, reason: `After ${stepping.of} ${stepping.of === 1 ? "step" : "steps"}` };
};

/** Returns the steps that are left once the visit has begun. */
export const steppingOn = (run: RunItem, visit: Arriving): Pick<RunItem, "stepping"> => {
  const { stepping } = run;
  if (stepping === undefined || isNewest(run, visit)) return {};
  return { stepping: { ...stepping, left: stepping.left - 1 } };
};

/** Whether this is another attempt of the step that the run is in. */
const isNewest = ({ currentStep }: RunItem, { topLevel, stepId }: Arriving): boolean =>
  topLevel && currentStep?.stepId === stepId;

/** Returns the attributes of a run that a person's order pauses before a state. */
export const pausedBefore = (state: string, { by, reason }: OrderedPause, now: number): Required<Patch> => ({
  set: { updatedAt: iso(now), pausedBy: { kind: "user", id: by.id, reason, at: iso(now), state } },
  remove: ["waitingOn", "parkedAt", "stepping"],
});
