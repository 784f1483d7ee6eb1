import type { Actor } from "../../model/actor.ts";
import { queuesRecord, rejectsRecords } from "../../model/holds/keeps.ts";
import { contentHash, idempotentRunId } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { DEFAULT_PRIORITY, MAX_PAYLOAD_BYTES } from "../../model/limits.ts";
import { attachedMachine } from "../../store/flows/attachments.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowStore } from "../../store/flows/flows.ts";
import { type QueueItem, queuePlace } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type DispatchDependencies, logFields, orWarn, type RunDependencies } from "../deps.ts";
import { countDispatch } from "../holds/add-hold.ts";
import {
  flowIsDraft,
  flowNotFound,
  flowRejectsRecords,
  idempotencyKeyOfDeletedRun,
  idempotencyKeyReused,
  payloadTooLarge,
} from "../refusals.ts";
import { afterQueueing } from "../runs/queued-run.ts";
import { startRun } from "../runs/start-run.ts";
import { afterEntry, enter, enterExisting, entryAttributes } from "../slots/enter.ts";
import { attributesOf } from "./attributes.ts";
import { asDispatched, expectationOf, type NewRun, newRun } from "./new-run.ts";

/** The caller of a dispatch, with their current permissions. */
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
  /** The order in which queued records start: 0 to 9, the highest first. */
  readonly priority?: number | undefined;
  /** A pause that rejects records queues this one. */
  readonly alwaysQueues?: boolean | undefined;
}

export interface Dispatched {
  /** The run as dispatched, even if an earlier call with the same idempotency key dispatched it: both get the same answer. */
  readonly record: RunItem;
  /** The stored payload, as JSON text. */
  readonly payload: string;
}

/** Returns a payload's JSON text. Throws `payload_too_large` if Step Functions would not accept it as an execution's input. */
export const payloadText = (payload: unknown): string => {
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  throw payloadTooLarge(bytes);
};

/** Returns the flow if it accepts records. Throws `not_found`, `action_not_allowed`. */
export const dispatchableFlow = async (
  flows: FlowStore,
  workspace: string,
  flowId: string,
): Promise<FlowItem> => {
  const flow = await flows.read(workspace, flowId);
  if (flow === undefined || flow.deleting === true) throw flowNotFound(flowId);
  if (flow.version > 0) return flow;
  throw flowIsDraft(flowId);
};

/** Dispatches one record. Returns once it is durable; if the start fails after that, the sweeper repeats it. */
export const dispatchRun = async (
  deps: DispatchDependencies,
  request: DispatchRequest,
): Promise<Dispatched> => {
  const record = { ...request, text: payloadText(request.payload) };
  return dispatchOneOf(deps, await dispatchableFlow(deps.flows, request.workspace, request.flowId), record);
};

interface RecordRequest extends Omit<DispatchRequest, "payload"> {
  /** JSON text of the payload. */
  readonly text: string;
}
/** The run's id, and the hash of the request's body if an idempotency key determines the id. */
export type Identity = Pick<NewRun, "runId" | "bodyHash">;

const identityOf = (deps: RunDependencies, flow: FlowItem, request: RecordRequest): Identity => {
  const { starter, text, idempotencyKey: key } = request;
  if (key === undefined) return { runId: deps.ids.runId(deps.clock.now()) };
  return {
    runId: dispatchedRunId(flow, starter.actor, key),
    bodyHash: bodyHashOf(JSON.parse(text) as Json, priorityOf(request)),
  };
};

/** The default priority is that of a request without one, also in releases that knew none. */
const bodyHashOf = (payload: Json, priority: number | undefined): string =>
  contentHash(priority === undefined ? payload : { payload, priority });

const priorityOf = ({ priority }: Pick<DispatchRequest, "priority">): number | undefined =>
  priority === DEFAULT_PRIORITY ? undefined : priority;

/** The identity of the flow within which idempotency keys are unique. A flow that is created again starts with unused keys. */
export const keySpaceOf = ({ flowId, incarnation, ownKeys }: KeySpace): readonly string[] =>
  ownKeys === true ? [flowId, incarnation] : [flowId];
type KeySpace = Pick<FlowItem, "flowId" | "incarnation" | "ownKeys">;

/** The id of the run that a dispatch with an idempotency key starts. */
export const dispatchedRunId = (
  flow: KeySpace & Pick<FlowItem, "workspace">,
  { kind, id }: Actor,
  key: string,
): string => idempotentRunId("dispatch", flow.workspace, kind, id, ...keySpaceOf(flow), key);

/** Returns the run of an earlier call with the same key. Called before anything is counted or written. */
export const earlierRun = async (
  { runs }: RunDependencies,
  workspace: string,
  { runId, bodyHash }: Identity,
): Promise<RunItem | undefined> => (bodyHash === undefined ? undefined : runs.get(workspace, runId));

/** Dispatches a record whose payload and flow have been checked. */
export const dispatchOneOf = async (
  deps: DispatchDependencies,
  flow: FlowItem,
  request: RecordRequest,
): Promise<Dispatched> => {
  const identity = identityOf(deps, flow, request);
  const known = await earlierRun(deps, request.workspace, identity);
  return dispatchTo(deps, flow, { ...request, identity, known });
};

const dispatchTo = (
  deps: DispatchDependencies,
  flow: FlowItem,
  request: RecordRequest & { readonly identity: Identity; readonly known: RunItem | undefined },
): Promise<Dispatched> => {
  const { starter, text, identity, known } = request;
  const { workspace, flowId, incarnation, version, runAs } = flow;
  const machine = attachedMachine(flow);
  const priority = priorityOf(request);
  const run = {
    ...{ ...identity, workspace, flowId, incarnation, version, runAs, startedBy: starter.actor },
    ...(machine === undefined ? {} : { machine }),
    ...(priority === undefined ? {} : { priority }),
  };
  const { permissions } = starter;
  const { alwaysQueues } = request;
  return createAndStart(deps, run, { flow, text, permissions, known, followsActive: true, alwaysQueues });
};

interface DispatchContext {
  readonly flow: FlowItem;
  /** JSON text of the payload. */
  readonly text: string;
  /** The starter's current permissions. They are stored if the flow runs as its user, since a resumed run may use them. */
  readonly permissions: readonly string[];
  /** The run of an earlier call with the same idempotency key. It is returned, and nothing is written. */
  readonly known: RunItem | undefined;
  /** Whether a queued run begins on the version that is active when it leaves the queue. */
  readonly followsActive: boolean;
  /** A pause that rejects records queues this one. */
  readonly alwaysQueues?: boolean | undefined;
}

/**
 * Writes the run, with the intent to start it, then starts it: the sweeper starts a run without an execution, but an execution
 * without a run would belong to nobody. While the flow is held, the run waits in its queue. If a concurrent call with the same
 * idempotency key wrote its run first, that run is returned.
 */
export const createAndStart = async (
  deps: DispatchDependencies,
  run: NewRun,
  context: DispatchContext,
): Promise<Dispatched> => {
  const { flow, text, known, followsActive, alwaysQueues } = context;
  if (known !== undefined) return { record: asDispatched(sameBody(known, run.bodyHash)), payload: text };
  if (alwaysQueues !== true && rejects(flow)) {
    deps.metrics.count("dispatchesRejected");
    throw flowRejectsRecords();
  }
  const counted = await countDispatch(deps, flow);
  const held = queuesRecord(counted, undefined, flow.version, deps.clock.now());
  const entry = held ? undefined : await enter(deps, counted, run.runId, text);
  const queued = held || entry?.hasSlot === false;
  const found = {
    ...run,
    ...(await attributesOf(flow, text)),
    ...entryAttributes(entry),
    ...expectationOf(flow),
  };
  const fresh = newRun(found, deps.clock.now(), deps.ids, {
    queued,
    followsActive,
  });
  const item = queued ? { ...queuePlace(run, fresh.createdAt), nonce: deps.ids.unique() } : undefined;
  const { created, run: record } = await create(deps, fresh, context, item);
  if (!created) {
    if (entry !== undefined) await enterExisting(deps, record, entry);
    return { record: asDispatched(sameBody(record, run.bodyHash)), payload: text };
  }
  if (item !== undefined && entry !== undefined) {
    deps.metrics.count("dispatchesWaiting");
    return { record: await afterEntry(deps, record, entry), payload: text };
  }
  deps.metrics.count(item === undefined ? "dispatchesStarted" : "dispatchesQueued");
  if (item !== undefined) return { record: await wait(deps, record, item), payload: text };
  try {
    await startRun(deps, record, text);
  } catch (error) {
    deps.metrics.count("startsFailed");
    deps.log.warn("The execution could not be started; the sweeper will start it", {
      ...logFields(record),
      error: error as Error,
    });
  }
  return { record, payload: text };
};

/** Only a person's pause can reject records. Those that a cap holds are queued. */
const rejects = (flow: FlowItem): boolean => rejectsRecords(flow);

/**
 * The record is safe in the queue, whatever fails from here on: the flow's next drain finds it, or the sweeper if it was
 * already taken out.
 */
const wait = async (deps: DispatchDependencies, record: RunItem, item: QueueItem): Promise<RunItem> => {
  const failed = "A queued record could not be checked; the drain will start it";
  return (await orWarn(deps, record, failed, () => afterQueueing(deps, record, item))) ?? record;
};

/**
 * Whether this call wrote the stored run: each dispatch marks its first audit entry. If that entry has been archived, the run
 * is older or belongs to another call.
 */
const ownWrite = (written: RunItem, run: RunItem): boolean =>
  written.recentAudit[0]?.op !== undefined && written.recentAudit[0].op === run.recentAudit[0]?.op;

/** If the response to the write was lost, the table shows whether it took effect. */
const create = async (
  deps: RunDependencies,
  run: RunItem,
  { text, permissions }: DispatchContext,
  item: QueueItem | undefined,
): ReturnType<RunDependencies["runs"]["create"]> => {
  try {
    // A queued record may begin on a version that runs as its user.
    const mayNeed = run.runAs === "user" || run.dispatchedVersion !== undefined;
    const made = await deps.runs.create(run, text, item, mayNeed ? permissions : []);
    return ownWrite(made.run, run) ? { ...made, created: true } : made;
  } catch (error) {
    const written = await deps.runs.get(run.workspace, run.runId);
    if (written === undefined || !ownWrite(written, run)) throw error;
    return { created: true, run: written };
  }
};

const sameBody = (record: RunItem, bodyHash: string | undefined): RunItem => {
  if (record.deleted === true) throw idempotencyKeyOfDeletedRun();
  if (record.bodyHash !== bodyHash) throw idempotencyKeyReused();
  return record;
};
