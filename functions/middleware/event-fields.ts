// valibot, not zod: gates run before every step, and valibot loads in a fraction of the time (docs/decisions/0025).
import * as v from "valibot";
import type { Json } from "../../shared/model/json/json.ts";

export const whole = v.pipe(v.number(), v.integer());
/** Accepts everything but undefined: Step Functions passes nothing but JSON. */
export const jsonSchema = v.custom<Json>((value) => value !== undefined);
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

/** A text that a user's code wrote. Half of a surrogate pair, as a cut leaves it, could not be stored. */
export const anyText = v.pipe(
  v.string(),
  v.transform((value) => value.toWellFormed()),
);

/** Fields of a gate's event that are the same in every version. */
export const gateFields = {
  type: v.exactOptional(v.picklist(["Task", "Wait", "Parallel", "Map"])),
  distributed: v.exactOptional(v.boolean()),
  input: v.exactOptional(jsonSchema),
  after: v.exactOptional(v.array(v.string())),
  completed: v.exactOptional(v.array(v.string())),
  last: v.exactOptional(v.literal(true)),
  waitingOn: v.exactOptional(
    v.object({
      kind: v.picklist(["delay", "approval", "form", "callback"]),
      seconds: v.exactOptional(v.number()),
      timestamp: v.exactOptional(v.string()),
    }),
  ),
  requires: v.exactOptional(v.array(v.string())),
  cost: v.exactOptional(v.number()),
  timeoutSeconds: v.exactOptional(v.number()),
  growth: v.exactOptional(whole),
  error: v.exactOptional(anyText),
  cause: v.exactOptional(anyText),
};
