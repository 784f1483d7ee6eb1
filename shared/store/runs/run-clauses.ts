import { statusesThatAllow, type Transition } from "../../model/transitions.ts";
import type { Clause } from "../client.ts";
import type { Intent, RunItem } from "../records.ts";

/**
 * A hand-over and a first park are no changes of the status, but what was read of the execution before the one is not true of the one
 * after it, and who read that nothing is parked goes by it.
 */
export const asRead = ({
  rev,
  attempt,
  unparked,
}: Pick<RunItem, "rev" | "attempt" | "unparked">): Clause => ({
  text: `rev = :rev AND attempt = :attempt${unparked === true ? " AND attribute_exists(unparked)" : ""}`,
  values: { ":rev": rev, ":attempt": attempt },
});

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
  names: { "#trail": "trail" },
  values: { ":row": `[${rev},`, ":first": rev },
});
