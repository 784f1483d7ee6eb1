import { nextStatus, SYSTEM_TRANSITIONS } from "../../../shared/model/transitions.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";

/** The transitions that gates make. A requeue is part of a resume. */
export const TRANSITIONS = SYSTEM_TRANSITIONS.filter((transition) => transition !== "requeue");
export type Transition = (typeof TRANSITIONS)[number];

/** Whether a gate would make the transition: it releases only what the flow's hold has paused, and completes no user's pause. */
export const allows = (run: RunItem, transition: Transition): boolean => {
  if (nextStatus(run.status, transition) === undefined) return false;
  if (run.status === "paused")
    return transition === "fail" || transition === "halt" || run.pausedBy?.kind === "flow";
  return true;
};
