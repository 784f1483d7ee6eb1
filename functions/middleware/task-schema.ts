// valibot, not zod: gates run before every step, and valibot loads in a fraction of the time (docs/decisions/0025).
import * as v from "valibot";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { type Callee, compactEvent } from "./compact-event.ts";
import { gateFields, jsonSchema, whole } from "./event-fields.ts";

const common = {
  v: v.literal(1),
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

/** Event of a gate of version 1, whether it runs as a state or inside a user's function. */
export const gateEventSchema = v.object({
  ...base,
  op: v.literal("gate"),
  kind: v.picklist(["step", "wait", "complete", "fail"]),
  ...gateFields,
  retry: v.exactOptional(whole),
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
const firstVersion = v.variant("op", [gateEventSchema, park, human, continueAsNew]);

/** Returns the event of the task function for `op`. Throws if it is not valid. */
export const taskEvent = (
  op: TaskEvent["op"],
  event: unknown,
  callee: Callee = { instance: DEFAULT_INSTANCE },
): TaskEvent =>
  isFirstVersion(event) && callee.workspace === undefined
    ? v.parse(firstVersion, event)
    : compactEvent(op, event, callee);

const isFirstVersion = (event: unknown): boolean =>
  typeof event === "object" && event !== null && "v" in event && event.v === 1;
