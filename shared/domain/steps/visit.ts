import { digest } from "../../model/ids.ts";
import type { Visit } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";

/** Only top-level visits change the run's status. Inside Parallel and Map, only their steps show the progress. */
export const isTopLevel = (visit: Visit): boolean => visit.path === "";

/** EnteredTime in the format that sorts chronologically as a string. */
export const enteredAt = (visit: Visit): string => iso(Date.parse(visit.entered));

/**
 * Returns the id of a visit's step: the same for every retry of its gate and while it is parked. It sorts chronologically, is
 * safe in a URL and has 35 characters.
 */
export const stepIdOf = (visit: Visit): string => {
  const entered = enteredAt(visit);
  return `${entered.replaceAll(/[-:.]/g, "")}-${digest(visit.path, visit.state, entered)}`;
};
