import { statusesThatAllow, type Transition } from "../../model/transitions.ts";
import type { Clause } from "../expressions.ts";
import type { Intent } from "../intent.ts";
import type { RunItem } from "./run-item.ts";
import { STORED_NAMES } from "./stored-run.ts";

/**
 * The run is as it was read. Continuing as new and a first park leave the revision alone, so they stand in the condition too: what
 * was read of one execution does not hold for the next, and a caller that saw no park relies on it.
 */
export const asRead = (run: Pick<RunItem, "rev" | "attempt" | "neverParked">): Clause => {
  const unparked = run.neverParked === true ? ` AND attribute_exists(${STORED_NAMES.neverParked})` : "";
  return {
    text: `rev = :rev AND attempt = :attempt${unparked}`,
    values: { ":rev": run.rev, ":attempt": run.attempt },
  };
};

/** A new intent takes in the older one, so it must not meet one that was written since. */
export const overIntent = (intent: Intent | undefined): Clause =>
  intent === undefined ? { text: "attribute_not_exists(intent)" } : hasIntent(intent.id);

/** The newest visit at the top level never gives way to an older one: a gate's late copy may have read the run long ago. */
export const notOlderThan = (entered: string): Clause => ({
  text: "attribute_not_exists(currentStep) OR currentStep.entered <= :entered",
  values: { ":entered": entered },
});

export const allows = (transition: Transition): Clause => {
  const statuses = statusesThatAllow(transition);
  return {
    text: `#status IN (${statuses.map((_, index) => `:from${index}`).join(", ")})`,
    names: { "#status": "status" },
    values: Object.fromEntries(statuses.map((status, index) => [`:from${index}`, status])),
  };
};

/** In the queue, or out of it, as it was read: leaving it is no new revision. */
export const atPlace = (queuedAt: string | undefined): Clause =>
  queuedAt === undefined
    ? { text: "attribute_not_exists(queuedAt)" }
    : { text: "queuedAt = :place", values: { ":place": queuedAt } };

export const hasIntent = (id: string): Clause => ({
  text: "intent.id = :was",
  values: { ":was": id },
});

/** Its trail is as long as it was: nobody has moved its oldest entries on. One that an earlier release wrote is no row. */
export const beginsAt = (rev: number): Clause => ({
  text: "begins_with(#trail[0], :row) OR #trail[0].rev = :first",
  names: { "#trail": STORED_NAMES.recentAudit },
  values: { ":row": `[${rev},`, ":first": rev },
});
