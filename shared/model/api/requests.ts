import * as z from "zod";
import { ROLES } from "../access.ts";
import { ON_FAILURE } from "../holds/kinds.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import {
  DEFAULT_PRIORITY,
  MAX_BATCH_RECORDS,
  MAX_PERMISSION_LENGTH,
  MAX_PERMISSIONS,
  MAX_PRIORITY,
  MAX_STEPS,
} from "../limits.ts";
import { plainNumber, reason, text, versionChoice } from "../schemas/fields.ts";
import { userIdSchema } from "../schemas/member.ts";

/** Any JSON. `jsonFault` has already checked the whole body, so the schema does not walk the value. */
const anyJson = z
  .custom<Json>((value) => value !== undefined, "Required")
  .meta({ description: "Any JSON.", override: {} });

export const idempotencyKeySchema = text(255).min(1).meta({
  description:
    "A repeated request with the same key and body returns the first result. The same key with another body is rejected.",
});

export const putWorkspaceSchema = z
  .strictObject({
    name: text(200).optional(),
    admins: z
      .array(userIdSchema)
      .min(1)
      .max(50)
      .meta({ description: "Users who become administrators of the workspace." }),
  })
  .meta({ id: "PutWorkspace" });

/** A text of one line that people compare by eye. */
const printable = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(
      /^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u,
      "Must be printable, without leading or trailing spaces",
    );
const emailAddress = z.email("Must be an e-mail address").max(254);

export const putMemberSchema = z
  .strictObject({
    role: z.enum(ROLES),
    name: printable(200).nullish().meta({
      description:
        "The name that people see instead of the user id. If omitted, it stays; `null` removes it.",
    }),
    email: emailAddress.nullish().meta({
      description: "An e-mail address, shown beside the name. If omitted, it stays; `null` removes it.",
    }),
    permissions: z
      .array(printable(MAX_PERMISSION_LENGTH))
      .max(MAX_PERMISSIONS)
      .refine((names) => new Set(names).size === names.length, "Must not contain a permission twice")
      .optional()
      .meta({
        description:
          "Permissions that steps with `Requires` require. If omitted, they stay as they are; a new member has none.",
      }),
  })
  .meta({ id: "PutMember" });

/** A definition as an object, or as the text of its file. */
const definition = z
  .custom<JsonObject | string>(
    (value) => typeof value === "string" || isJsonObject(value),
    "Must be an object, or a text in JSON or YAML",
  )
  .meta({
    description: "The flow, in Amazon States Language: an object, or a text in JSON or YAML.",
    override: { anyOf: [{ type: "object", additionalProperties: true }, { type: "string" }] },
  });

/** Maximum length of a placeholder's name, and maximum number of placeholders. */
const MAX_SUBSTITUTION_NAME = 255;
const MAX_SUBSTITUTIONS = 500;

/** The values that CloudFormation accepts. */
const substitutionsSchema = z
  .record(
    z
      .string()
      .max(MAX_SUBSTITUTION_NAME)
      .regex(/^[^!${}][^${}]*$/, "Must be the name inside ${…}, without $, { and }"),
    z.union([z.string(), plainNumber, z.boolean()], {
      error: "Must be a string, a number or a boolean. Write an object as its JSON text.",
    }),
  )
  .refine(
    (values) => Object.keys(values).length <= MAX_SUBSTITUTIONS,
    `Must have at most ${MAX_SUBSTITUTIONS} names`,
  )
  .meta({
    description:
      "Values of the placeholders `${Name}` in the definition, as in the DefinitionSubstitutions of AWS::StepFunctions::StateMachine.",
    override: {
      type: "object",
      maxProperties: MAX_SUBSTITUTIONS,
      additionalProperties: {
        type: ["string", "number", "boolean"],
        minimum: Number.MIN_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
      },
    },
  });

const EXPRESS_REFUSED =
  'An EXPRESS state machine cannot be paused, because it ends after five minutes. Send "STANDARD" to publish the definition as a STANDARD one.';

const onFailure = z.enum(ON_FAILURE).meta({
  description:
    "A setting of the flow, not of the version: whether a run whose step fails for good becomes `failed` (default), or is paused and can try the step again. It applies to steps that begin after the change.",
});

export const publishSchema = z
  .strictObject({
    name: text(200).min(1).optional(),
    description: text(10_000).optional(),
    definition,
    substitutions: substitutionsSchema.optional(),
    machineType: z
      .enum(["STANDARD", "EXPRESS"])
      .refine((type) => type !== "EXPRESS", EXPRESS_REFUSED)
      .optional()
      .meta({
        description:
          "The type of the state machine, if the source names one. Flows are STANDARD; EXPRESS is refused, because a pause cannot outlast its five minutes.",
      }),
    runAs: z.enum(["user", "system"]).optional(),
    onFailure: onFailure.optional(),
    activate: z
      .boolean()
      .optional()
      .meta({ description: "Default true. With false, the version is a draft." }),
    dryRun: z
      .boolean()
      .optional()
      .meta({ description: "Return what would change, or the errors of the definition; write nothing." }),
  })
  .meta({ id: "PublishFlow" });

const whenUnreachable = z.enum(["pass", "fail"]).optional().meta({
  description:
    "What a step does while the state machine cannot call Sluice's gate: it runs (`pass`, the default), or its execution fails with `Sluice.GateUnreachable` (`fail`). If omitted, an attached flow keeps its setting.",
});

export const putFlowSettingsSchema = z
  .strictObject({ onFailure: onFailure.optional(), whenUnreachable })
  .meta({ id: "PutFlowSettings", description: "An omitted setting stays as it is." });

const force = z.boolean().optional().meta({
  description:
    "Attach even if the state machine's role seems to lack permissions. The check does not know every policy.",
});

export const attachSchema = z
  .strictObject({
    stateMachineArn: text(256).min(1).meta({
      description: "A STANDARD state machine in Sluice's own region and account, without a version.",
    }),
    name: text(200).min(1).optional(),
    aliases: z.array(text(80).min(1)).max(100).optional().meta({
      description:
        "Names of the state machine's aliases to move to a new version with gates. Detaching moves them back.",
    }),
    whenUnreachable,
    dryRun: z.boolean().optional().meta({ description: "Return the report only; write nothing." }),
    force,
  })
  .meta({ id: "AttachFlow" });

export const registerSchema = z
  .strictObject({
    definition,
    substitutions: substitutionsSchema.optional(),
    name: text(200).min(1).optional(),
    whenUnreachable: z.enum(["pass", "fail"]).optional().meta({
      description:
        "Whether a step begins (default) or its execution fails while the machine cannot call Sluice's gate: as the definition is compiled.",
    }),
  })
  .meta({ id: "RegisterFlow" });

export const bindSchema = z
  .strictObject({
    stateMachineArn: text(256).min(1).meta({
      description: "The state machine that has the compiled text of the version that was registered last.",
    }),
    force,
  })
  .meta({ id: "BindFlow" });

export const prioritySchema = z
  .int()
  .min(0)
  .max(MAX_PRIORITY)
  .optional()
  .meta({
    description: `The order in which queued records start: the highest first, then by time. ${DEFAULT_PRIORITY} by default.`,
  });

export const dispatchSchema = z
  .strictObject({ payload: anyJson, priority: prioritySchema })
  .meta({ id: "Dispatch" });

export const batchRecordSchema = z
  .strictObject({
    payload: anyJson,
    idempotencyKey: idempotencyKeySchema.optional(),
    priority: prioritySchema,
  })
  .meta({ id: "BatchRecord" });

/** Records are checked one by one, since each has its own result. */
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

export const pauseRunSchema = z
  .strictObject({
    reason: reason.optional(),
    before: text(80).min(1).optional().meta({
      description:
        "Sets a breakpoint instead of pausing now: the run is paused when it reaches this state. It replaces an earlier breakpoint. A resume and the run's end remove it.",
    }),
  })
  .meta({ id: "PauseRun" });

export const resumeRunSchema = z
  .strictObject({
    reason: reason.optional(),
    override: z.boolean().optional().meta({
      description:
        "Administrators only: vouch for permissions that later steps require and the run's user lacks, and resume the run.",
    }),
    at: text(80).min(1).optional().meta({
      description:
        "Continue at this top-level state. This field and the next four need the permission of an administrator, or the scope `runs:repair`.",
    }),
    input: anyJson.optional().meta({ description: "The input of that state. By default, the one at hand." }),
    variables: z
      .custom<JsonObject>(isJsonObject, "Must be an object")
      .meta({
        description: "Values of variables, in addition to those that the run has.",
        override: { type: "object", additionalProperties: true },
      })
      .optional(),
    version: versionChoice.optional().meta({
      description: "The version of the flow on which the run continues. By default, the run's own.",
    }),
    output: anyJson.optional().meta({
      description: "Skips the current step: the run continues at the next state, with this output.",
    }),
    detach: z.boolean().optional().meta({
      description: "Leaves an execution that somebody else started, even if they wait for it.",
    }),
    steps: z.int().min(1).max(MAX_STEPS).optional().meta({
      description:
        "Lets this many steps begin, and pauses the run again before the next one. A Parallel or Map is one step.",
    }),
    dryRun: z.boolean().optional().meta({
      description:
        "Return the run as it is, with `rehearsal`: what the resume would call next, and with which input. Refuse what would fail at once. Call nothing and write nothing.",
    }),
    giveUp: z.boolean().optional().meta({
      description:
        "Only for a run that an error paused: do not try the step again; the run becomes `failed` with its error. It cannot be combined with the fields that say where the run continues.",
    }),
  })
  .check(({ value, issues }) => {
    const { giveUp, reason: _reason, override: _override, ...continues } = value;
    if (giveUp !== true || Object.keys(continues).length === 0) return;
    const message = `Cannot be combined with ${Object.keys(continues).join(", ")}: a run that is given up does not continue`;
    issues.push({ code: "custom", path: ["giveUp"], message, input: value });
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
      .meta({ description: "Default `latest`, or `same` for a replay from a step." }),
    payload: anyJson.optional(),
    dryRun: z.boolean().optional().meta({
      description: "Start nothing, and say where the replay would begin and what it would call again.",
    }),
  })
  .meta({ id: "ReplayRun" });

export const assignStepSchema = z
  .strictObject({
    assignees: z
      .array(userIdSchema)
      .min(1)
      .max(100)
      .refine((ids) => new Set(ids).size === ids.length, "Must not contain a user twice")
      .meta({ description: "The users who may answer from now on, instead of those that the flow named." }),
    reason: reason.optional(),
  })
  .meta({ id: "AssignStep" });

export const completeStepSchema = z
  .strictObject({
    decision: z.enum(["approved", "rejected", "submitted"]),
    comment: text(10_000).optional(),
    data: anyJson.optional(),
  })
  .meta({ id: "CompleteStep" });
