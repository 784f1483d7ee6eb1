import * as z from "zod";
import { HOLD_KINDS } from "../holds/kinds.ts";
import { RUN_STATUSES, TRANSITIONS } from "../transitions.ts";
import { actorSchema } from "./fields.ts";
import { flowIdSchema, workspaceIdSchema } from "./flow.ts";
import { auditSchema, PAUSE_KINDS, timestampSchema, waitingOnSchema } from "./run.ts";

const runStatusSchema = z.enum(RUN_STATUSES);

const id = z.string().meta({ description: "Unique to the event; the same if it is delivered twice." });
const workspace = workspaceIdSchema;
const flowId = flowIdSchema;
const actor = z
  .strictObject(actorSchema.shape)
  .meta({ description: "Who made the change: `kind` is user, client, schedule, cap or system." });
const reason = z.string().optional().meta({ description: "The text that the actor gave." });
const at = timestampSchema.meta({ description: "When the change was made." });

const aboutRun = {
  id,
  workspace,
  flowId,
  runId: z.string(),
  flowVersion: z.int(),
  rev: z.int().meta({ description: "The run's revision after the change. It orders the run's events." }),
};

const runStatusChangedSchema = z.strictObject({
  ...aboutRun,
  action: z.enum(["dispatch", ...TRANSITIONS]).meta({ description: "As in the run's audit." }),
  from: runStatusSchema.optional().meta({ description: "Absent for the dispatch, which creates the run." }),
  to: runStatusSchema,
  at,
  actor,
  reason,
  ...auditSchema.pick({ override: true, vouched: true, moved: true }).shape,
  error: z.strictObject({ error: z.string(), state: z.string() }).optional().meta({
    description: "For a failed run: the error's name and the state; `state` is empty if no state caused it.",
  }),
  pausedBy: z
    .strictObject({
      kind: z.enum(PAUSE_KINDS),
      id: z.string().optional(),
      error: z.string().optional(),
      state: z.string().optional(),
    })
    .optional()
    .meta({
      description:
        "For a paused run: the user, the flow's hold, or the error of the step that failed, with its state. For a breakpoint or a number of steps: the user, and the state before which they paused the run.",
    }),
  waitingOn: z.strictObject(waitingOnSchema.shape).optional().meta({
    description:
      "For a run that begins to wait: for what (delay, approval, form, callback), at which step, and until when.",
  }),
  replayOf: z.string().optional().meta({ description: "For the dispatch of a replay: the original run." }),
});

const runDeletedSchema = z.strictObject({
  ...aboutRun,
  action: z.literal("delete"),
  from: runStatusSchema,
  to: z.literal("deleted"),
  at,
  actor,
  reason,
});

const runIsOverdueSchema = z.strictObject({
  ...aboutRun,
  rev: z.int().meta({ description: "The run's revision when it became overdue." }),
  status: runStatusSchema,
  startedAt: timestampSchema,
  expectedBy: timestampSchema.meta({ description: "`startedAt` plus the flow's `Expect`." }),
});

const flowChangedSchema = z.strictObject({
  id,
  workspace,
  flowId,
  rev: z.int().meta({ description: "The flow's revision after the change." }),
  action: z.string().meta({
    description:
      "As in the flow's audit: publish, activate, pause, resume, plan-pause, begin-pause, cancel-pause, freeze, hold, lift, caps, incident-placed, incident-unmatched, incident-resolved, …",
  }),
  from: z
    .string()
    .meta({ description: "A status (active, paused, paused_safety); for publish and activate, a version." }),
  to: z.string(),
  at,
  actor,
  reason,
  ...auditSchema.pick({ steps: true }).shape,
});

const flowDeletedSchema = z.strictObject({
  id,
  workspace,
  flowId,
  rev: z.int(),
  action: z.literal("delete"),
  from: z.string(),
  to: z.literal("deleted"),
  at,
  actor: actor.optional(),
});

const flowResumesSoonSchema = z.strictObject({
  id,
  workspace,
  flowId,
  name: z.string(),
  hold: z.strictObject({
    kind: z.enum(HOLD_KINDS),
    since: timestampSchema,
    by: actor,
    reason: z.string().optional(),
    resumeAt: timestampSchema,
  }),
  resumeAt: timestampSchema,
});

/**
 * The events that Sluice publishes: one schema per detail-type. They never contain a payload, an output or the cause of an
 * error, which may quote one. docs/reference/events.md is generated from here.
 */
export const EVENTS = {
  "Run status changed": {
    detail: runStatusChangedSchema,
    when: "A run was dispatched, or its status changed.",
  },
  "Run deleted": {
    detail: runDeletedSchema,
    when: "A run was deleted by somebody or because its retention was over.",
  },
  "Flow changed": {
    detail: flowChangedSchema,
    when: "A flow was published, switched to another version, paused, resumed or held by a cap or an incident, a pause was planned or cancelled, or its caps were changed.",
  },
  "Run is overdue": {
    detail: runIsOverdueSchema,
    when: "A run lasts longer than the `Expect` of its flow. Nothing fails.",
  },
  "Flow deleted": { detail: flowDeletedSchema, when: "A flow was deleted." },
  "Flow resumes soon": {
    detail: flowResumesSoonSchema,
    when: "A hold of a flow ends automatically in a day.",
  },
} as const;

export type EventType = keyof typeof EVENTS;
/** One of Sluice's own events. */
export type OwnEvent = {
  [Type in EventType]: {
    readonly type: Type;
    /** Epoch milliseconds. */
    readonly at: number;
    readonly detail: z.infer<(typeof EVENTS)[Type]["detail"]>;
  };
}[EventType];

/** Throws if the detail does not match the schema of its type: subscribers rely on it. */
export const checkEvent = (event: {
  readonly type: EventType;
  readonly at: number;
  readonly detail: object;
}): OwnEvent => {
  const { type, at } = event;
  const parsed = EVENTS[type].detail.safeParse(event.detail);
  if (parsed.success) return { type, at, detail: parsed.data } as OwnEvent;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join(".")));
  throw new Error(`"${type}" does not match its schema: ${[...fields].join(", ")}`);
};
