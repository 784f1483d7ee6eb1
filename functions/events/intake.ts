import type { Context } from "aws-lambda";
import * as z from "zod";
import { runView } from "../../shared/domain/runs/run-view.ts";
import { fireTrigger } from "../../shared/domain/triggers/fire-trigger.ts";
import { takeEvent, takeMessages, takeRecord } from "../../shared/domain/triggers/take-records.ts";
import { idempotencyKeySchema, prioritySchema } from "../../shared/model/api/requests.ts";
import { flowIdSchema } from "../../shared/model/schemas/flow.ts";
import { payloadSchema } from "../../shared/model/schemas/run.ts";
import type { TriggerEvent } from "../../shared/outbound/ports.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { aliasWorkspace } from "../middleware/task.ts";

/** An event of a trigger's schedule. Schedules outlive releases. */
const scheduled = z.object({
  trigger: z.object({
    ...{ workspace: z.string(), flowId: z.string(), incarnation: z.string(), triggerId: z.string() },
    generation: z.string(),
  }) satisfies z.ZodType<TriggerEvent>,
  time: z.iso.datetime(),
});
/** A record from whoever IAM lets invoke the workspace's alias. */
const record = z.strictObject({
  flowId: flowIdSchema,
  payload: payloadSchema,
  idempotencyKey: idempotencyKeySchema.optional(),
  priority: prioritySchema,
});
/** An event of EventBridge, with the flow that the rule's target adds. */
const ruled = z.strictObject({
  flowId: flowIdSchema,
  event: z.looseObject({
    id: z.string().min(1).max(255),
    source: z.string(),
    detail: z.record(z.string(), z.unknown()).optional(),
  }),
});
/** Messages of a queue, with the flow that the pipe adds. */
const messages = z.array(
  z.strictObject({ flowId: flowIdSchema, messageId: z.string().min(1).max(255), body: z.unknown() }),
);

const fromAlias = z.union([record, ruled, messages], {
  error:
    "Must be a record {flowId, payload, idempotencyKey?, priority?}, or an event or messages from a FlowTrigger",
});

type Taken = z.output<typeof fromAlias>;
type Intake =
  | { readonly kind: "schedule"; readonly event: TriggerEvent; readonly time: string }
  | { readonly kind: "alias"; readonly workspace: string; readonly taken: Taken };

const read = (event: unknown, context: Context | undefined): Intake => {
  const workspace = aliasWorkspace(context);
  if (workspace !== undefined) return { kind: "alias", workspace, taken: fromAlias.parse(event) };
  const own = scheduled.safeParse(event);
  if (own.success) return { kind: "schedule", event: own.data.trigger, time: own.data.time };
  throw new Error(
    "Invoke the alias of a workspace, ws-<workspace>. Only schedules of triggers call without one.",
  );
};

/** Creates the handler that takes records in: from triggers' schedules, EventBridge, SQS, and callers that IAM lets invoke it. */
export const createIntakeHandler = (deps: Ending<Dependencies>) =>
  backgroundHandler<Intake, unknown>(
    {
      name: "intake",
      read,
      work: (intake) =>
        intake.kind === "schedule"
          ? fireTrigger(deps, intake.event, intake.time)
          : take(deps, intake.workspace, intake.taken),
      logFields: (intake) => ({
        workspace: intake.kind === "schedule" ? intake.event.workspace : intake.workspace,
        ...(intake.kind === "schedule" ? { flow: intake.event.flowId } : {}),
      }),
    },
    deps,
  );

const take = async (deps: Ending<Dependencies>, workspace: string, taken: Taken): Promise<unknown> => {
  if (Array.isArray(taken)) {
    const failures = await takeMessages(deps, workspace, taken);
    return {
      batchItemFailures: failures.map(({ messageId, reason }) => ({ itemIdentifier: messageId, reason })),
    };
  }
  const run =
    "event" in taken
      ? await takeEvent(deps, { workspace, flowId: taken.flowId }, taken.event)
      : await takeRecord(deps, { workspace, ...taken });
  return run === undefined ? { refused: true } : runView(run, deps.machinePlace);
};
