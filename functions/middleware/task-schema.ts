// The small build: gates are called before every step, and start sooner without the rest.
import * as z from "zod/mini";
import { TASK_EVENT_VERSION } from "../../shared/model/task-events.ts";

const common = {
  v: z.int().check(z.minimum(1), z.maximum(TASK_EVENT_VERSION, "Of a later release than this one")),
  workspace: z.string(),
  flowId: z.string(),
  incarnation: z.string(),
  version: z.int(),
  execution: z.string(),
};
const base = {
  ...common,
  state: z.string(),
  path: z.string(),
  entered: z.iso.datetime({ offset: true }),
};

/** A gate's question; the gate inside a user's function takes it too. */
export const gateEventSchema = z.object({
  ...base,
  op: z.literal("gate"),
  kind: z.enum(["step", "wait", "complete", "fail"]),
  type: z.optional(z.enum(["Task", "Wait", "Parallel", "Map"])),
  input: z.optional(z.json()),
  after: z.optional(z.array(z.string())),
  waitingOn: z.optional(
    z.object({
      kind: z.enum(["delay", "approval", "form", "callback"]),
      seconds: z.optional(z.number()),
      timestamp: z.optional(z.string()),
    }),
  ),
  requires: z.optional(z.array(z.string())),
  cost: z.optional(z.number()),
  timeoutSeconds: z.optional(z.number()),
  retry: z.optional(z.int()),
  growth: z.optional(z.int()),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
});

const park = z.object({
  ...base,
  op: z.literal("park"),
  token: z.string().check(z.minLength(1)),
  inline: z.optional(z.boolean()),
});

const human = z.object({
  ...base,
  op: z.literal("human"),
  kind: z.enum(["approval", "form"]),
  token: z.string().check(z.minLength(1)),
  spec: z.json(),
});

const end = { ...common, op: z.literal("handOver") };
const handOver = z.discriminatedUnion("part", [
  z.object({ ...end, part: z.literal("keep"), variable: z.string(), value: z.optional(z.json()) }),
  z.object({ ...end, part: z.literal("leave"), state: z.string(), place: z.string() }),
  z.object({ ...end, part: z.literal("arrive") }),
  z.object({ ...end, part: z.literal("variable"), variable: z.string() }),
  z.object({ ...end, part: z.literal("input") }),
]);

/**
 * Compiled flows outlive releases: fields that this release does not know are dropped. An event without what it needs, or of a later
 * version (a field's meaning may be another there), which a release meets after it was rolled back to, fails the task: the compiled
 * text tries again until somebody understands it, and the user's handlers do not see it.
 */
export const taskEventSchema = z.discriminatedUnion("op", [gateEventSchema, park, human, handOver]);
