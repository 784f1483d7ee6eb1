// valibot, not zod: gates run before every step, and valibot loads in a fraction of the time (docs/decisions/0025).
import * as v from "valibot";
import type { Json } from "../../shared/model/json/json.ts";
import { TASK_EVENT_VERSION, type TaskEvent } from "../../shared/model/machines/task-events.ts";

const whole = v.pipe(v.number(), v.integer());
/** Step Functions hands over JSON: whatever it is, it is that. */
export const jsonSchema = v.custom<Json>((value) => value !== undefined);

const common = {
  v: v.pipe(whole, v.minValue(1), v.maxValue(TASK_EVENT_VERSION, "Of a later release than this one")),
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

/** A gate's question; the gate inside a user's function takes it too. */
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
  error: v.exactOptional(v.string()),
  cause: v.exactOptional(v.string()),
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
 * Compiled flows outlive releases: fields that this release does not know are dropped. An event without what it needs, or of a later
 * version (a field's meaning may be another there), which a release meets after it was rolled back to, fails the task: the compiled
 * text tries again until somebody understands it, and the user's handlers do not see it.
 */
const taskEventSchema = v.variant("op", [gateEventSchema, park, human, continueAsNew]);

/** An event as the task functions take it; throws where it is none. */
export const taskEvent = (event: unknown): TaskEvent => v.parse(taskEventSchema, event);
