import type { Actor } from "../model/actor.ts";
import { contentHash } from "../model/canonical.ts";
import { SluiceError } from "../model/errors.ts";
import { idempotentRunId } from "../model/ids.ts";
import type { Json } from "../model/json.ts";
import { MAX_PAYLOAD_BYTES } from "../model/limits.ts";
import type { FlowStore } from "../store/flows.ts";
import type { FlowRecord, RunRecord } from "../store/records.ts";
import { flowNotFound } from "./activate-version.ts";
import { about, type Engine } from "./engine.ts";
import { asDispatched, type NewRun, newRun } from "./new-run.ts";
import { startRun } from "./start-run.ts";

export interface DispatchTools extends Engine {
  readonly flows: FlowStore;
}
/** Who dispatches, and the permissions that they have now. */
export interface Starter {
  readonly actor: Actor;
  readonly permissions: readonly string[];
}
export interface DispatchRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly starter: Starter;
  readonly payload: unknown;
  readonly idempotencyKey?: string | undefined;
}

/** What a dispatch came to. */
export interface Dispatched {
  /** As it was dispatched, also where an earlier call with the same idempotency key did it: the answer is the first one's. */
  readonly record: RunRecord;
  /** The payload that was kept, as JSON text. */
  readonly payload: string;
}

/** JSON text of a payload. Throws `payload_too_large` where Step Functions would not take it as an execution's input. */
export const payloadText = (payload: unknown): string => {
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  throw new SluiceError(
    "payload_too_large",
    `The payload has ${bytes} bytes of JSON; a record has at most ${MAX_PAYLOAD_BYTES}`,
  );
};

/** The flow, if records can be dispatched to it. */
export const dispatchableFlow = async (
  flows: FlowStore,
  workspace: string,
  flowId: string,
): Promise<FlowRecord> => {
  const flow = await flows.read(workspace, flowId);
  if (flow === undefined || flow.deleting === true) throw flowNotFound(flowId);
  if (flow.version > 0) return flow;
  throw new SluiceError(
    "action_not_allowed",
    `The flow ${flowId} has drafts only: activate a version first`,
    {
      ...{ currentStatus: "draft", allowedActions: ["activate"] },
    },
  );
};

/** Dispatches one record. Answers once it is durable; a start that fails then is made good by the sweeper. */
export const dispatchRun = async (tools: DispatchTools, request: DispatchRequest): Promise<Dispatched> => {
  const text = payloadText(request.payload);
  const flow = await dispatchableFlow(tools.flows, request.workspace, request.flowId);
  return dispatchTo(tools, flow, request, text);
};

/** Dispatches a record whose text and flow have been checked. */
export const dispatchTo = async (
  tools: DispatchTools,
  flow: FlowRecord,
  request: Omit<DispatchRequest, "payload">,
  text: string,
): Promise<Dispatched> => {
  const { workspace, flowId, incarnation, version, runAs } = flow;
  const { starter, idempotencyKey: key } = request;
  const { kind, id } = starter.actor;
  const runId =
    key === undefined
      ? tools.ids.runId(tools.clock.now())
      : idempotentRunId("dispatch", workspace, kind, id, flowId, key);
  return createAndStart(
    tools,
    {
      ...{ runId, workspace, flowId, incarnation, version, runAs, startedBy: starter.actor },
      ...permissionsOf(runAs, starter),
      ...(key === undefined ? {} : { bodyHash: contentHash(JSON.parse(text) as Json) }),
    },
    text,
  );
};

/** What `Requires` is held against when the flow uses the permissions of the moment when the run was started. */
export const permissionsOf = (runAs: FlowRecord["runAs"], starter: Starter): Pick<NewRun, "permissions"> =>
  runAs === "user" && starter.permissions.length > 0 ? { permissions: starter.permissions } : {};

/**
 * The record first, with the intent to start it, then the start: a record without an execution is started by the sweeper,
 * an execution without a record would be a run that nobody knows. Where the run exists by its idempotency key, it is the answer.
 */
export const createAndStart = async (tools: Engine, run: NewRun, text: string): Promise<Dispatched> => {
  const { created, record } = await create(tools, newRun(run, tools.clock.now(), tools.ids), text);
  if (!created) return { record: asDispatched(known(record, run.bodyHash)), payload: text };
  try {
    await startRun(tools, record, text);
  } catch (error) {
    const failure = error instanceof Error ? error : undefined;
    tools.log.warn("The start failed; the sweeper will do it", { ...about(record), failure });
  }
  return { record, payload: text };
};

/** A write whose answer was lost may have taken effect: the table knows. */
const create = async (tools: Engine, run: RunRecord, text: string): ReturnType<Engine["runs"]["create"]> => {
  try {
    const made = await tools.runs.create(run, text);
    return made.record.intent?.id === run.intent?.id ? { ...made, created: true } : made;
  } catch (error) {
    const written = await tools.runs.get(run.workspace, run.runId);
    if (written?.intent?.id === undefined || written.intent.id !== run.intent?.id) throw error;
    return { created: true, record: written };
  }
};

const known = (record: RunRecord, bodyHash: string | undefined): RunRecord => {
  if (record.deleted === true)
    throw new SluiceError("not_found", "The run of this idempotency key has been deleted");
  if (record.bodyHash === bodyHash) return record;
  throw new SluiceError(
    "idempotency_key_reused",
    "The idempotency key stands for another body: use a new one",
  );
};
