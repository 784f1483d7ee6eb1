import * as z from "zod";
import { MAX_NEWER_RUNS } from "../limits.ts";
import type { RegistrationValues } from "../machines/registration.ts";
import { attachReportSchema } from "../schemas/attach-report.ts";
import { bulkResultSchema, bulkSchema } from "../schemas/bulk.ts";
import { failureSchema } from "../schemas/failure.ts";
import { flowSchema, flowVersionSchema, workspaceIdSchema } from "../schemas/flow.ts";
import { inboxItemSchema } from "../schemas/inbox.ts";
import { memberSchema } from "../schemas/member.ts";
import {
  auditSchema,
  payloadSchema,
  runSchema,
  stepSchema,
  timestampSchema,
  truncatedSchema,
} from "../schemas/run.ts";
import { problemSchema } from "./problem.ts";

export const page = <T extends z.ZodType>(id: string, item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() }).meta({ id });

export const workspaceSchema = z
  .object({
    workspace: workspaceIdSchema,
    name: z.string(),
    admins: z.array(z.string()),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: "Workspace" });
export type Workspace = z.infer<typeof workspaceSchema>;

export const publishedSchema = z
  .object({
    flow: flowSchema,
    version: z.int(),
    warnings: z.array(z.string()),
    change: z.enum(["flow", "version", "activation", "none"]).optional().meta({
      description:
        "Only for a dry run: what publishing would add, which is a new flow with its first version, a version, only its activation, or nothing. `flow` is then the current flow, or the one that would be created.",
    }),
  })
  .meta({ id: "Published" });

export const attachedSchema = z
  .object({
    flow: flowSchema
      .optional()
      .meta({ description: "Absent after a dry run for a flow that does not exist." }),
    version: z.int().optional(),
    report: attachReportSchema,
  })
  .meta({ id: "Attached" });
export type Attached = z.infer<typeof attachedSchema>;

export const registeredSchema = z
  .object({
    flow: flowSchema,
    version: z.int(),
    values: z
      .object({
        SluiceIncarnation: z.string(),
        SluiceVersion: z.string(),
        SluiceGate: z.string(),
        SluicePark: z.string(),
        SluicePartition: z.string(),
      } satisfies Record<keyof RegistrationValues, unknown>)
      .meta({ description: "Values of the placeholders that the compiled text has." }),
    warnings: z.array(z.string()),
  })
  .meta({ id: "Registered" });
export type Registered = z.infer<typeof registeredSchema>;

const batchResultSchema = z
  .object({ status: z.int(), run: runSchema.optional(), error: problemSchema.optional() })
  .meta({ id: "BatchResult" });
export const batchResultsSchema = z
  .object({ results: z.array(batchResultSchema) })
  .meta({ id: "BatchResults" });

const listedStepSchema = stepSchema
  .extend({
    input: z.union([stepSchema.shape.input, truncatedSchema]),
    output: z.union([stepSchema.shape.input, truncatedSchema]).optional(),
  })
  .meta({ id: "ListedStep" });

export const membersPageSchema = page("MemberPage", memberSchema);
export const flowsPageSchema = page("FlowPage", flowSchema);
export const versionsPageSchema = page("FlowVersionPage", flowVersionSchema);
export const inboxPageSchema = page("InboxPage", inboxItemSchema);
export const runsPageSchema = page("RunPage", runSchema);
export const runChangesSchema = z
  .object({
    items: z.array(runSchema).meta({
      description:
        "The named runs that exist, in the order of the request. They may no longer match the filters.",
    }),
    newer: z
      .int()
      .meta({ description: `Runs that the list has above \`after\`, counted up to ${MAX_NEWER_RUNS}.` }),
  })
  .meta({ id: "RunChanges" });
/** Groups have no pages: they change their order with every failure. */
export const failuresSchema = z.object({ items: z.array(failureSchema) }).meta({ id: "Failures" });
export const stepsPageSchema = page("StepPage", listedStepSchema);
export const bulksPageSchema = page("BulkOperationPage", bulkSchema);
export const bulkResultsPageSchema = page("BulkResultPage", bulkResultSchema);
const callsAgain = z.array(z.string()).meta({
  description: "Tasks that may have been called already, and that would be called again.",
});

export const replayPreviewSchema = z
  .object({
    flowVersion: z.int(),
    state: z.string().meta({ description: "The state with which the new run would begin." }),
    input: payloadSchema,
    callsAgain,
  })
  .meta({ id: "ReplayPreview" });

const previewedRunsSchema = z
  .object({
    flowId: z.string(),
    flowVersion: z.int(),
    state: z.string().meta({
      description:
        "The top-level state at which the runs stand or ended. Empty if they have not begun, or are at the end of the flow.",
    }),
    count: z.int(),
    possible: z.boolean().meta({ description: "Whether the operation would act on these runs." }),
    code: z.string().optional().meta({ description: "Error code: why the operation would skip these runs." }),
    detail: z.string().optional(),
    to: z
      .object({ flowVersion: z.int(), state: z.string() })
      .optional()
      .meta({ description: "The version and the state at which they would continue, or the replays begin." }),
    callsAgain: callsAgain.optional(),
  })
  .meta({ id: "PreviewedRuns" });
export type PreviewedRuns = z.infer<typeof previewedRunsSchema>;

export const bulkPreviewSchema = z
  .object({
    matched: z.int(),
    possible: z
      .int()
      .optional()
      .meta({ description: "How many of the runs the operation would act on, if `places` is present." }),
    places: z.array(previewedRunsSchema).optional().meta({
      description:
        "Of a resume with `at` or `version`, and of a replay: the runs by version and state, the largest number first, with the reason why some cannot continue. A run that is skipped for another reason than the others at its place is counted separately.",
    }),
    more: z
      .literal(true)
      .optional()
      .meta({ description: "There are more runs than could be counted within the time of a request." }),
  })
  .meta({ id: "BulkPreview" });
const pausePreviewSchema = z
  .object({
    underWay: z.int().meta({
      description: "Runs that have left the queue and not ended, without those that are paused already.",
    }),
    inStep: z
      .array(z.object({ state: z.string(), runs: z.int() }))
      .meta({ description: "Runs in a step, by top-level state, most first. Their steps would finish." }),
    waiting: z.int().meta({ description: "Runs that wait for a timer, a person or a callback." }),
    deadlinesMissed: z.int().meta({
      description:
        "Waiting runs whose deadline passes before the pause ends. The deadline of a run that stops at a gate is postponed instead.",
    }),
    queuedByResume: z.int().meta({
      description:
        "Records that would be queued when the pause ends, if as many arrive as in the current hour or day.",
    }),
    unheld: z
      .array(z.string())
      .meta({ description: "States that no gate holds, in the active version and those of the runs." }),
    more: z.literal(true).optional().meta({
      description: "There are more runs than could be counted within the time of a request.",
    }),
  })
  .meta({ id: "PausePreview" });
export type PausePreview = z.infer<typeof pausePreviewSchema>;
export const pausedSchema = z.union([flowSchema, pausePreviewSchema]);

export const auditPageSchema = page("AuditPage", auditSchema);
export const openApiSchema = z.record(z.string(), z.unknown()).meta({ id: "OpenApiDocument" });
