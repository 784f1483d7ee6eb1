import * as z from "zod";
import { ROLES } from "../access.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import { MAX_BATCH_RECORDS, MAX_DRAIN_RATE, MAX_PERMISSION_LENGTH, MAX_PERMISSIONS } from "../limits.ts";
import { NO_TIME, reason, text } from "../schemas/fields.ts";
import { spendCapSchema, throughputCapSchema } from "../schemas/flow.ts";
import { userIdSchema } from "../schemas/member.ts";

/** Any JSON. Not walked by the schema: a body is checked once, before it, by `jsonFault`. */
const anyJson = z
  .custom<Json>((value) => value !== undefined, "Required")
  .meta({ description: "Any JSON.", override: {} });

const jsonObject = z
  .custom<JsonObject>(isJsonObject, "Must be an object")
  .meta({ override: { type: "object", additionalProperties: true } });

export const idempotencyKeySchema = text(255).min(1).meta({
  description: "The same key with the same body answers as the first time; another body is refused.",
});

export const putWorkspaceSchema = z
  .strictObject({
    name: text(200).optional(),
    admins: z
      .array(userIdSchema)
      .min(1)
      .max(50)
      .meta({ description: "Users who become the workspace's administrators." }),
  })
  .meta({ id: "PutWorkspace" });

const permissionName = z
  .string()
  .min(1)
  .max(MAX_PERMISSION_LENGTH)
  .regex(/^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u, "Must be printable, with no space at either end");

export const putMemberSchema = z
  .strictObject({
    role: z.enum(ROLES),
    permissions: z
      .array(permissionName)
      .max(MAX_PERMISSIONS)
      .refine((names) => new Set(names).size === names.length, "Must not name a permission twice")
      .optional()
      .meta({
        description: "What steps with `Requires` ask for; left out: as they are, none for a new member.",
      }),
  })
  .meta({ id: "PutMember" });

export const publishSchema = z
  .strictObject({
    name: text(200).min(1).optional(),
    description: text(10_000).optional(),
    definition: jsonObject.meta({ description: "The flow, in Amazon States Language." }),
    runAs: z.enum(["user", "system"]).optional(),
    activate: z.boolean().optional().meta({ description: "Default true; false publishes a draft." }),
  })
  .meta({ id: "PublishFlow" });

export const pauseFlowSchema = z
  .strictObject({
    mode: z
      .enum(["queue", "reject"])
      .optional()
      .meta({ description: "What happens to new records: `queue` (default) or `reject`." }),
    resumeAt: z.iso.datetime({ offset: true, error: NO_TIME }).optional().meta({
      description: "When the flow resumes by itself, at most 14 days ahead; default exactly 14 days.",
    }),
    reason: reason.optional(),
  })
  .meta({ id: "PauseFlow" });

export const resumeFlowSchema = z
  .strictObject({
    drainRate: z
      .number()
      .positive()
      .max(MAX_DRAIN_RATE)
      .optional()
      .meta({ description: "Queued records started a second." }),
    holds: z
      .array(z.enum(["manual", "throughput"]))
      .min(1)
      .max(2)
      .optional()
      .meta({ description: "Which holds to lift; default both. A spend hold lifts by itself." }),
    reason: reason.optional(),
  })
  .meta({ id: "ResumeFlow" });

export const putCapsSchema = z
  .strictObject({ throughput: throughputCapSchema.nullish(), spend: spendCapSchema.nullish() })
  .meta({ id: "PutCaps", description: "A cap left out stays; null takes it away." });

export const dispatchSchema = z.strictObject({ payload: anyJson }).meta({ id: "Dispatch" });

export const batchRecordSchema = z
  .strictObject({ payload: anyJson, idempotencyKey: idempotencyKeySchema.optional() })
  .meta({ id: "BatchRecord" });

/** Each record is checked on its own, since each has its own result. */
export const batchSchema = z
  .strictObject({
    records: z
      .array(z.unknown())
      .min(1)
      .max(MAX_BATCH_RECORDS)
      .meta({
        override: {
          type: "array",
          minItems: 1,
          maxItems: MAX_BATCH_RECORDS,
          items: { $ref: "#/components/schemas/BatchRecord" },
        },
      }),
  })
  .meta({ id: "DispatchBatch" });

export const controlSchema = z.strictObject({ reason: reason.optional() }).meta({ id: "ControlRun" });

export const resumeRunSchema = z
  .strictObject({
    reason: reason.optional(),
    override: z.boolean().optional().meta({
      description:
        "Administrators only: resume although the run's user lacks permissions that steps ahead need, and vouch for them.",
    }),
  })
  .meta({ id: "ResumeRun" });

export const replaySchema = z
  .strictObject({
    from: text(80)
      .min(1)
      .optional()
      .meta({ description: "`start` (default), `failed-step` or the name of a state." }),
    version: z
      .enum(["same", "latest"])
      .optional()
      .meta({ description: "Default latest; same for a replay from a step." }),
    payload: anyJson.optional(),
  })
  .meta({ id: "ReplayRun" });

export const completeStepSchema = z
  .strictObject({
    decision: z.enum(["approved", "rejected", "submitted"]),
    comment: text(10_000).optional(),
    data: anyJson.optional(),
  })
  .meta({ id: "CompleteStep" });
