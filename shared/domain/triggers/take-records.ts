import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import type { Json } from "../../model/json/json.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../model/machines/loop-machine.ts";
import { type MachinePlace, nameInInstance, parseMachineName } from "../../model/machines/machine-names.ts";
import { EVENT_SOURCE } from "../../outbound/ports.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { IntakeDependencies } from "../deps.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";

/** Whoever IAM lets invoke the intake. IAM knows more, and CloudTrail records it. */
const CALLER: Actor = { kind: "client", id: "intake" };

interface Target {
  readonly workspace: string;
  readonly flowId: string;
}
interface IntakeRecord extends Target {
  readonly payload: Json;
  readonly idempotencyKey?: string | undefined;
  readonly priority?: number | undefined;
}

/** Dispatches a record. A held flow queues it, whatever its pause says, so that no source has to keep it. */
export const takeRecord = async (deps: IntakeDependencies, record: IntakeRecord): Promise<RunItem> => {
  const starter = { actor: CALLER, permissions: [] };
  return (await dispatchRun(deps, { ...record, starter, alwaysQueues: true })).record;
};

interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

const STATES_SOURCE = "aws.states";

/** The state machine of an event about an execution. Children of a Distributed Map have the Map's label behind it. */
const machineOf = ({ detail }: BusEvent): string =>
  String(detail?.["stateMachineArn"] ?? "").replace(/\/.*$/, "");

/** Whether Sluice causes the event: it publishes it, or Step Functions does for an execution of one of Sluice's state machines. */
const isOwn = ({ instance }: MachinePlace, event: BusEvent): boolean => {
  if (event.source !== STATES_SOURCE) return event.source === EVENT_SOURCE;
  const name = machineOf(event).split(":")[6] ?? "";
  const loops = [DRAIN_MACHINE, BULK_MACHINE].map((loop) => nameInInstance(instance, loop));
  return loops.includes(name) || parseMachineName(name, instance) !== undefined;
};

/** Whether the event is about an execution of the state machine that the flow is attached to. */
const isOfFlow = async (
  { flows }: IntakeDependencies,
  { workspace, flowId }: Target,
  event: BusEvent,
): Promise<boolean> => {
  if (event.source !== STATES_SOURCE) return false;
  const attachment = (await flows.read(workspace, flowId))?.attachment;
  return attachment !== undefined && attachment.machineArn === machineOf(event);
};

/**
 * Dispatches an event of EventBridge under its id. Returns undefined for one of Sluice itself, or of the state machine that the flow is
 * attached to: its run would cause the next event.
 */
export const takeEvent = async (
  deps: IntakeDependencies,
  target: Target,
  event: BusEvent,
): Promise<RunItem | undefined> => {
  if (!isOwn(deps.machinePlace, event) && !(await isOfFlow(deps, target, event)))
    return takeRecord(deps, { ...target, payload: event as unknown as Json, idempotencyKey: event.id });
  deps.log.warn("An event of Sluice itself, or of the flow's state machine, cannot start a run", {
    workspace: target.workspace,
    flow: target.flowId,
  });
  return undefined;
};

export interface QueueMessage {
  readonly flowId: string;
  readonly messageId: string;
  /** JSON text, or the value that it stood for. */
  readonly body?: unknown;
}

/**
 * Dispatches each message under its id, one after the other. Returns those that failed, each with the reason: SQS delivers them again, and
 * at last moves them to its dead-letter queue. A message is gone only when its record is durable.
 */
export const takeMessages = async (
  deps: IntakeDependencies,
  workspace: string,
  messages: readonly QueueMessage[],
): Promise<{ readonly messageId: string; readonly reason: string }[]> => {
  const failures: { readonly messageId: string; readonly reason: string }[] = [];
  for (const { flowId, messageId, body } of messages) {
    try {
      const payload = (typeof body === "string" ? JSON.parse(body) : body) as Json;
      await takeRecord(deps, { workspace, flowId, payload, idempotencyKey: messageId });
    } catch (error) {
      const isJson = !(error instanceof SyntaxError);
      failures.push({ messageId, reason: isJson ? (error as Error).message : "The message is not JSON" });
      // The text of an unexpected error could quote the message.
      const reason = error instanceof SluiceError ? error.code : isJson ? (error as Error).name : "not_json";
      deps.log.warn("A message could not be dispatched", { workspace, flow: flowId, messageId, reason });
    }
  }
  return failures;
};
