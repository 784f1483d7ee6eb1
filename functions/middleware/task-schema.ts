// valibot, not zod: gates run before every step, and valibot loads in a fraction of the time (docs/decisions/0025).
import * as v from "valibot";
import type { Json } from "../../shared/model/json/json.ts";
import { TASK_EVENT_VERSION, type TaskEvent } from "../../shared/model/machines/task-events.ts";

const whole = v.pipe(v.number(), v.integer());
/** Accepts everything except undefined: Step Functions passes only JSON. */
export const jsonSchema = v.custom<Json>((value) => value !== undefined);

/** A string from the user's code. If it was cut inside a surrogate pair, it could not be stored as it is. */
const anyText = v.pipe(
  v.string(),
  v.transform((value) => value.toWellFormed()),
);

const common = {
  v: v.pipe(whole, v.minValue(1), v.maxValue(TASK_EVENT_VERSION, "Comes from a later release")),
  workspace: v.string(),
  flowId: v.string(),
  incarnation: v.string(),
  version: whole,
  execution: v.string(),
};
const base = {
  ...common,
  state: v.string(),
  path: v.string(),
  entered: v.pipe(v.string(), v.isoTimestamp()),
};

/** Event of a gate, whether it runs as a state or inside a user's function. */
export const gateEventSchema = v.object({
  ...base,
  op: v.literal("gate"),
  kind: v.picklist(["step", "wait", "complete", "fail"]),
  type: v.exactOptional(v.picklist(["Task", "Wait", "Parallel", "Map"])),
  input: v.exactOptional(jsonSchema),
  after: v.exactOptional(v.array(v.string())),
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
  retry: v.exactOptional(whole),
  growth: v.exactOptional(whole),
  error: v.exactOptional(anyText),
  cause: v.exactOptional(anyText),
});

const park = v.object({
  ...base,
  op: v.literal("park"),
  token: v.pipe(v.string(), v.minLength(1)),
  inline: v.exactOptional(v.boolean()),
});

const human = v.object({
  ...base,
  op: v.literal("human"),
  kind: v.picklist(["approval", "form"]),
  token: v.pipe(v.string(), v.minLength(1)),
  spec: jsonSchema,
});

const end = { ...common, op: v.literal("handOver") };
const continueAsNew = v.variant("part", [
  v.object({ ...end, part: v.literal("keep"), variable: v.string(), value: v.exactOptional(jsonSchema) }),
  v.object({ ...end, part: v.literal("leave"), state: v.string(), place: v.string() }),
  v.object({ ...end, part: v.literal("arrive") }),
  v.object({ ...end, part: v.literal("variable"), variable: v.string() }),
  v.object({ ...end, part: v.literal("input") }),
]);

/**
 * Compiled flows outlive releases, so fields that this release does not know are dropped. An event fails the task if it lacks a
 * required field or has a later version, in which a field may have another meaning; that happens after a rollback. The compiled text
 * then retries until a release understands the event, and the user's own error handlers do not see the failure.
 */
const taskEventSchema = v.variant("op", [gateEventSchema, park, human, continueAsNew]);

/** Returns the event of a task function. Throws if it is invalid. */
export const taskEvent = (event: unknown): TaskEvent => v.parse(taskEventSchema, event);
