import * as z from "zod";
import { MAX_SPEND, MIN_SPEND } from "../cost.ts";
import { CANARY_STATES } from "../holds/canary.ts";
import { FLOW_STATUSES, HOLD_KINDS, ON_FAILURE } from "../holds/kinds.ts";
import { MAX_SLOTS } from "../limits.ts";
import { NAME } from "../names.ts";
import { plainNumber } from "./fields.ts";
import { payloadSchema, timestampSchema } from "./run.ts";
import { flowSlotsSchema } from "./slots.ts";

export const flowIdSchema = z.string().regex(NAME);
export const workspaceIdSchema = z.string().regex(NAME);

export const holdIdSchema = z
  .string()
  .max(16)
  .regex(/^[a-z0-9]{16}$/);
const holdModeSchema = z.enum(["queue", "reject", "finish"]);

const holdSchema = z
  .object({
    holdId: holdIdSchema,
    kind: z.enum(HOLD_KINDS),
    mode: holdModeSchema.meta({
      description:
        "Whether the hold queues new records or rejects them. With `finish`, it queues them and lets runs that began before go on to their end.",
    }),
    since: timestampSchema,
    by: z.string(),
    reason: z.string().optional(),
    resumeAt: timestampSchema.optional(),
    finishUntil: timestampSchema.optional().meta({
      description: "Only with the mode `finish`: when runs that have not ended by then stop, too.",
    }),
    incidentId: z.string().optional().meta({ description: "Of kind `incident`: the incident." }),
    steps: z.array(z.string()).optional().meta({
      description: "The only states that it holds. Everything else goes on, and new records start.",
    }),
    unheld: z.array(z.string()).optional().meta({
      description:
        "Those of `steps` that it cannot hold in some version: states without a gate, or with an older inline gate.",
    }),
  })
  .meta({ id: "Hold" });

const scheduledPauseSchema = z
  .object({
    startAt: timestampSchema,
    resumeAt: timestampSchema,
    mode: holdModeSchema,
    finishWithin: z.string().optional().meta({
      description: "Only with the mode `finish`: an ISO 8601 duration from the start.",
    }),
    steps: z.array(z.string()).readonly().optional().meta({
      description: "The only states that it will hold. Everything else will go on.",
    }),
    by: z.string(),
    plannedAt: timestampSchema,
    reason: z.string().optional(),
  })
  .meta({ id: "ScheduledPause" });

/** Limits the records accepted in a UTC calendar window. */
const throughputCapSchema = z.strictObject({
  limit: z.int().positive(),
  per: z.enum(["minute", "hour", "day"]),
});
/** Limits the declared cost of steps in a UTC calendar period. */
const spendCapSchema = z.strictObject({
  limit: z.number().min(MIN_SPEND).max(MAX_SPEND),
  period: z.enum(["day", "month"]),
});
/** Limits the failures of runs in a UTC calendar window. Both limits must be reached. */
const errorCapSchema = z
  .strictObject({
    count: z.int().positive().meta({ description: "Runs that failed, or paused because a step failed." }),
    percent: plainNumber.gt(0).max(100).optional().meta({
      description: "Their share of the runs that ended in the window. Without it, the count alone decides.",
    }),
    per: z.enum(["minute", "hour", "day"]),
  })
  .meta({ id: "ErrorCap" });
export type ErrorCap = z.infer<typeof errorCapSchema>;
/** Limits the runs under way. */
const concurrencyCapSchema = z
  .strictObject({
    limit: z
      .int()
      .min(1)
      .max(MAX_SLOTS)
      .meta({ description: "Maximum number of runs under way, or of those with one key." }),
    key: z.string().min(1).max(1_000).optional().meta({
      description:
        "A JSONPath of the payload, or a JSONata expression of `$states.input` in `{% %}`. Each of its values has slots of its own. Without it, the flow has one limit.",
    }),
  })
  .meta({ id: "ConcurrencyCap" });
export type ConcurrencyCap = z.infer<typeof concurrencyCapSchema>;
/** The caps of a flow. In a request, an omitted cap stays, and null removes it. */
export const CAPS = {
  throughput: throughputCapSchema.nullish(),
  spend: spendCapSchema.nullish(),
  errors: errorCapSchema.nullish(),
  concurrency: concurrencyCapSchema.nullish(),
};
const capsSchema = z.object(CAPS).meta({ id: "Caps" });
export type Caps = z.infer<typeof capsSchema>;

/** Failures since the resume that stop a ramp. Both limits must be reached. */
export const rampStopSchema = z
  .strictObject({
    failures: z.int().positive().meta({ description: "Runs that failed, or paused because a step failed." }),
    percent: plainNumber.gt(0).max(100).optional().meta({
      description:
        "Their share of the runs that ended since the resume. Without it, the number alone decides.",
    }),
  })
  .meta({ id: "RampStop" });

const rampSchema = z
  .object({
    from: z.int(),
    to: z.int().meta({ description: "The drain's rate, at which the ramp is over." }),
    factor: z.number().min(1.1).max(100),
    every: z
      .string()
      .meta({ description: "The interval between two raises of the rate: an ISO 8601 duration." }),
    stopOn: rampStopSchema.optional(),
    rate: z.int().meta({ description: "Wakes and starts per second at this moment." }),
    since: timestampSchema,
    endsAt: timestampSchema.meta({ description: "When new records start immediately again." }),
    failures: z.int().optional().meta({
      description: "Failures since the resume, counted against `stopOn`.",
    }),
  })
  .meta({ id: "Ramp" });

const canarySchema = z
  .object({
    canaryId: holdIdSchema,
    state: z.enum(CANARY_STATES),
    runs: z
      .array(z.string())
      .meta({ description: "The ids of its runs. Others replace those that a person stops." }),
    through: z.int().meta({ description: "How many of them have completed, or wait." }),
    count: z.int().meta({ description: "How many were asked for." }),
    since: timestampSchema,
    until: timestampSchema.meta({ description: "When it fails if its runs are not through." }),
    by: z.string(),
    reason: z.string().optional().meta({ description: "Why it failed." }),
  })
  .meta({ id: "Canary" });

const meterSchema = z.object({
  used: z.number().min(0).max(Number.MAX_SAFE_INTEGER),
  windowStart: timestampSchema,
});
const metersSchema = z
  .object({
    throughput: meterSchema.optional(),
    spend: meterSchema.optional(),
    errors: meterSchema.optional().meta({
      description: "Failures since the window began or the hold `errors` was lifted. Only with an error cap.",
    }),
  })
  .meta({ id: "Meters" });

export const flowSchema = z
  .object({
    flowId: flowIdSchema,
    name: z.string(),
    description: z.string(),
    kind: z.enum(["managed", "attached"]).meta({
      description:
        "Whether Sluice deploys the flow's state machine (`managed`), or the flow is attached to one of your own (`attached`).",
    }),
    stateMachineArn: z.string().optional().meta({ description: "The state machine of an attached flow." }),
    whenUnreachable: z.enum(["pass", "fail"]).optional().meta({
      description: "What the steps of an attached flow do while its gates cannot be called.",
    }),
    drift: z.literal(true).optional().meta({
      description:
        "The state machine's definition was replaced and has no gates, or an alias that attaching moved points elsewhere. Only in the answer for a single flow.",
    }),
    status: z.enum(FLOW_STATUSES),
    version: z.int().meta({ description: "The active version; 0 while there are only drafts." }),
    runAs: z.enum(["user", "system"]),
    onFailure: z.enum(ON_FAILURE).meta({
      description:
        "Whether a run whose step fails for good becomes `failed`, or is paused and can try the step again.",
    }),
    mode: holdModeSchema,
    holds: z.array(holdSchema),
    partlyHeld: z.literal(true).optional().meta({ description: "There are holds on some states." }),
    resumeAt: timestampSchema.optional(),
    scheduledPause: scheduledPauseSchema
      .optional()
      .meta({ description: "The pause that is planned, if any." }),
    rev: z.int(),
    queued: z.int(),
    inFlight: z.int(),
    draining: z.object({ remaining: z.int() }).nullable(),
    canary: canarySchema.optional().meta({
      description: "The last resume with a canary, until the holds change again.",
    }),
    ramp: rampSchema.optional().meta({
      description: "A resume that begins slowly. Until it ends, new records are queued.",
    }),
    caps: capsSchema,
    slots: flowSlotsSchema.optional().meta({
      description: "The slots of the concurrency limit. Only in the answer for a single flow that has one.",
    }),
    meters: metersSchema,
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: "Flow" });
export type Flow = z.infer<typeof flowSchema>;

export const flowVersionSchema = z
  .object({
    version: z.int(),
    active: z.boolean(),
    createdAt: timestampSchema,
    createdBy: z.string(),
    warnings: z.array(z.string()),
    definition: z.record(z.string(), payloadSchema).optional(),
    source: z.string().optional().meta({
      description:
        "The text that was published, with its placeholders; absent if the definition was sent as an object.",
    }),
    substitutions: z
      .record(z.string(), z.union([z.string(), plainNumber, z.boolean()]))
      .optional()
      .meta({ description: "The values of the placeholders in `source`." }),
    compiled: z.record(z.string(), payloadSchema).optional(),
  })
  .meta({ id: "FlowVersion" });
export type FlowVersion = z.infer<typeof flowVersionSchema>;

/** Events per minute and per hour are counted up to now, not in calendar windows. */
export const flowHealthSchema = z
  .object({
    oldestParkedAt: timestampSchema
      .nullable()
      .meta({ description: "Since when the run has stood that was paused first." }),
    oldestQueuedAt: timestampSchema
      .nullable()
      .meta({ description: "Since when the oldest queued record has waited." }),
    queueGrowthPerMinute: plainNumber.meta({
      description:
        "While records queue: how many arrive in a minute. While the queue drains: how many leave it, as a negative number.",
    }),
    drain: z
      .object({
        rate: plainNumber.meta({ description: "Records started per second." }),
        endsAt: timestampSchema.meta({ description: "When the queue will be empty at this rate." }),
      })
      .nullable(),
    failureRate: z
      .object({ minute: z.int(), hour: z.int() })
      .meta({ description: "Runs that failed, or were paused by an error, in the last minute and hour." }),
    overdue: z.int().meta({ description: "Open runs that last longer than the flow's `Expect`." }),
  })
  .meta({ id: "FlowHealth" });
export type FlowHealth = z.infer<typeof flowHealthSchema>;
