import { type Move, statusesThatAllow } from "../model/transitions.ts";
import type { Clause } from "./client.ts";
import type { Intent, RunRecord } from "./records.ts";

/** A hand-over is no change of the status, but what was read of the execution before it is not true of the one after it. */
export const asRead = ({ rev, attempt }: Pick<RunRecord, "rev" | "attempt">): Clause => ({
  text: "rev = :rev AND attempt = :attempt",
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

export const allows = (move: Move): Clause => {
  const statuses = statusesThatAllow(move);
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

/** Its trail is as long as it was: nobody has moved its oldest entries on. */
export const beginsAt = (rev: number): Clause => ({
  text: "#trail[0].rev = :first",
  names: { "#trail": "trail" },
  values: { ":first": rev },
});
