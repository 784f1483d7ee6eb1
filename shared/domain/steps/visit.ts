import { digest } from "../../model/ids.ts";
import type { Visit } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";

/** At the top level a visit moves the run; inside Parallel and Map only its steps say what goes on. */
export const isTopLevel = (visit: Visit): boolean => visit.path === "";

/** EnteredTime in the one form that sorts as text. */
export const enteredAt = (visit: Visit): string => iso(Date.parse(visit.entered));

/**
 * The step that a visit is: the same for every retry of its gate, and for its way through the park loop.
 * Sorts by time, is safe in a URL, 35 characters.
 */
export const stepIdOf = (visit: Visit): string => {
  const entered = enteredAt(visit);
  return `${entered.replaceAll(/[-:.]/g, "")}-${digest(visit.path, visit.state, entered)}`;
};
