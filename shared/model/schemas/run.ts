import * as z from "zod";
import type { Json } from "../json/json.ts";
import { DEFAULT_PRIORITY, MAX_PRIORITY } from "../limits.ts";
import { RUN_ACTIONS, RUN_STATUSES } from "../transitions.ts";
import { actorSchema } from "./fields.ts";

/** ISO 8601, UTC, milliseconds. */
export const timestampSchema = z.iso.datetime({ precision: 3 });
/** Payload, input or output of a user's flow: any JSON. */
export const payloadSchema = z
  .custom<Json>((value) => value !== undefined, "Required")
  .meta({ id: "Json", description: "Any JSON.", override: {} });

const runStatusSchema = z.enum(RUN_STATUSES).meta({ id: "RunStatus" });

export const waitingOnSchema = z
  .object({
    kind: z.enum(["delay", "approval", "form", "callback"]),
    until: timestampSchema.optional(),
    stepId: z.string(),
  })
  .meta({ id: "WaitingOn" });
export type WaitingOn = z.infer<typeof waitingOnSchema>;

/** What people read of the cause of an error. */
const readable = {
  message: z.string().optional().meta({
    description:
      "What people read of the cause, if it is not the cause itself: a function's message instead of its JSON, for example.",
  }),
  frames: z.array(z.string()).optional().meta({
    description: "The lines of the stack trace. Only in the answer for a single run, and in steps.",
  }),
};

/** The causes of a pause: a user, its flow's hold, or a step that failed for good in a flow with `onFailure: "pause"`. */
export const PAUSE_KINDS = ["user", "flow", "error"] as const;

const pausedBySchema = z
  .object({
    kind: z.enum(PAUSE_KINDS),
    id: z.string().optional(),
    reason: z.string().optional(),
    at: timestampSchema,
    holdIds: z.array(z.string()).optional().meta({
      description: "Of kind `flow`: the holds that the flow had when the run stopped.",
    }),
    error: z.string().optional().meta({ description: "Of kind `error`: the name of the error." }),
    cause: z.string().optional(),
    ...readable,
    state: z.string().optional().meta({
      description:
        "Of kind `error`: the top-level state that failed; empty if no state did. Of kind `user`: the state before which a breakpoint or a number of steps paused the run.",
    }),
  })
  .meta({ id: "PausedBy" });
export type PausedBy = z.infer<typeof pausedBySchema>;

const runErrorSchema = z
  .object({ error: z.string(), cause: z.string(), state: z.string(), ...readable })
  .meta({ id: "RunError" });

/** The starter of a run. Those of dispatched runs are texts, as in release 0.1. */
const startedBySchema = z
  .union([z.string(), z.strictObject({ kind: z.literal("execution"), id: z.string() })])
  .meta({
    description:
      "Id of the user or client that dispatched the run. For an execution of an attached state machine that Sluice did not start, `kind` is `execution` and `id` the execution's name.",
  });

const nextCallSchema = z
  .object({
    state: z.string(),
    type: z.enum(["Task", "Wait", "Parallel", "Map"]),
    resource: z.string().optional(),
    input: payloadSchema.meta({ description: "The state's input." }),
    arguments: payloadSchema.optional().meta({
      description:
        "What a Task's call, or each branch of a Parallel, gets after the state's input processing.",
    }),
    items: z.array(payloadSchema).optional().meta({ description: "The items of a Map." }),
  })
  .meta({ id: "NextCall" });

const rehearsalSchema = z
  .object({
    version: z.int().meta({ description: "The version on which the run would continue." }),
    passes: z.array(z.string()).meta({ description: "The states before that call nothing, in order." }),
    next: nextCallSchema
      .optional()
      .meta({ description: "Absent if the flow would end, or if it is unknown." }),
    output: payloadSchema.optional().meta({ description: "The output of a run that would end." }),
    unknown: z
      .string()
      .optional()
      .meta({ description: "The reason why the rest cannot be told in advance." }),
  })
  .meta({ id: "ResumeRehearsal" });
export type ResumeRehearsal = z.infer<typeof rehearsalSchema>;

export const runSchema = z
  .object({
    runId: z.string(),
    flowId: z.string(),
    flowVersion: z.int(),
    status: runStatusSchema,
    since: timestampSchema.meta({ description: "When the run took its current status." }),
    rev: z.int(),
    payload: payloadSchema.optional(),
    output: payloadSchema.optional(),
    error: runErrorSchema.optional(),
    failureId: z.string().optional().meta({
      description:
        "The group of failures to which a failed run, or one that an error paused, belongs. Absent in runs that failed before release 0.2.",
    }),
    currentStep: z.string().optional(),
    waitingOn: waitingOnSchema.optional(),
    pausedBy: pausedBySchema.optional(),
    parkedAt: timestampSchema.optional(),
    stoppedBefore: z.string().optional().meta({
      description:
        "Of a paused run that has `parkedAt` and stopped between two top-level states: the state that is next; empty at the end of the flow.",
    }),
    pauseBefore: z.string().optional().meta({
      description: "The breakpoint: the run is paused when it reaches this state. A resume removes it.",
    }),
    stepsLeft: z.int().optional().meta({
      description: "After a resume with `steps`: how many steps may still begin before the run is paused.",
    }),
    queued: z.boolean(),
    queuedFor: z.literal("concurrency").optional().meta({
      description:
        "The run waits for a slot of its flow's concurrency limit. Absent while it waits for the end of a hold.",
    }),
    priority: z
      .int()
      .min(0)
      .max(MAX_PRIORITY)
      .optional()
      .meta({
        description: `The order in which queued runs start, the highest first. Absent if it is ${DEFAULT_PRIORITY}.`,
      }),
    startedBy: startedBySchema,
    createdAt: timestampSchema,
    startedAt: timestampSchema.optional(),
    updatedAt: timestampSchema,
    endedAt: timestampSchema.optional(),
    attributes: z.record(z.string(), z.string()).readonly().optional().meta({
      description: "Values of the payload by which the run is found, as the flow's `Index` says.",
    }),
    cancelReason: z.string().optional(),
    replayOf: z.string().optional(),
    executionArn: z.string().optional(),
    allowedActions: z.array(z.enum(RUN_ACTIONS)),
    rehearsal: rehearsalSchema.optional().meta({
      description: "Only in the answer to a resume with `dryRun`: what it would call next.",
    }),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;

export const truncatedSchema = z
  .object({ truncated: z.literal(true), size: z.int() })
  .meta({ id: "Truncated", description: "A value of more than 32 KiB. Read the single step to get it." });

const STEP_STATUSES = ["running", "waiting", "completed", "failed", "cancelled"] as const;

export const stepSchema = z
  .object({
    stepId: z.string(),
    seq: z.int(),
    name: z.string(),
    type: z.enum(["Task", "Wait", "Parallel", "Map"]),
    status: z.enum(STEP_STATUSES),
    branch: z.string().optional(),
    startedAt: timestampSchema,
    endedAt: timestampSchema.optional(),
    input: payloadSchema,
    output: payloadSchema.optional(),
    error: z.object({ error: z.string(), cause: z.string(), ...readable }).optional(),
    waitingOn: waitingOnSchema.optional(),
    question: z
      .object({
        title: z.string(),
        assignees: z.array(z.string()).optional(),
        assigned: z
          .object({ by: z.string(), at: timestampSchema, reason: z.string().optional() })
          .optional()
          .meta({ description: "The administrator who assigned it to others than the flow named." }),
      })
      .optional()
      .meta({
        description:
          "Of an approval or a form: what is asked, and of whom. Without assignees, operators may answer.",
      }),
    children: z
      .object({
        total: z.int(),
        succeeded: z.int(),
        failed: z.int(),
        running: z.int().meta({ description: "Running children that are not parked." }),
        parked: z.int(),
      })
      .optional()
      .meta({ description: "The numbers of a Distributed Map's children by status." }),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof stepSchema>;

const stepAttemptSchema = z
  .object({
    attempt: z.int().meta({ description: "Counts from 1. Each retry of the state is an attempt." }),
    function: z.string().optional().meta({ description: "The Lambda function that it called." }),
    requestId: z.string().optional().meta({ description: "Lambda's id of the invocation, if it is known." }),
    startedAt: timestampSchema,
    endedAt: timestampSchema.optional(),
    error: z.object({ error: z.string(), cause: z.string(), ...readable }).optional(),
    lines: z
      .array(z.object({ at: timestampSchema, text: z.string() }))
      .meta({ description: "What the function printed, oldest first." }),
    isCut: z.boolean().meta({ description: "Whether only the end of a longer output is shown." }),
    note: z.string().optional().meta({ description: "The reason why the output is not available." }),
  })
  .meta({ id: "StepAttempt" });

export const stepLogsSchema = z
  .object({ attempts: z.array(stepAttemptSchema) })
  .meta({ id: "StepLogs", description: "The attempts of a step, oldest first, and what each printed." });
export type StepLogs = z.infer<typeof stepLogsSchema>;

export const auditSchema = z
  .object({
    at: timestampSchema,
    actor: actorSchema,
    action: z.string(),
    from: z.string().optional(),
    to: z.string(),
    rev: z.int(),
    reason: z.string().optional(),
    override: z
      .boolean()
      .optional()
      .meta({ description: "An administrator resumed the run although its user lacked access." }),
    vouched: z
      .array(z.string())
      .readonly()
      .optional()
      .meta({ description: "Permissions that the administrator vouched for." }),
    steps: z.array(z.string()).readonly().optional().meta({
      description:
        "The only states that the hold keeps, or kept: of a flow's hold on steps that was placed or lifted.",
    }),
    moved: z.object({ from: z.string(), at: z.string(), version: z.int() }).optional().meta({
      description:
        "Where a resume sent the run: from the state at which it stood to a state of a version. An empty name is the end of the flow.",
    }),
  })
  .meta({ id: "AuditItem" });
export type AuditItem = z.infer<typeof auditSchema>;
