import type { Actor } from "../../model/actor.ts";
import { contentHash } from "../../model/canonical.ts";
import { idempotentRunId } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { MAX_PAYLOAD_BYTES } from "../../model/limits.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowStore } from "../../store/flows/flows.ts";
import { isHeld } from "../../store/flows/holds.ts";
import type { QueueItem } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type DispatchDependencies, logFields, type RunDependencies } from "../deps.ts";
import { countDispatch } from "../holds/throughput-cap.ts";
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
import { asDispatched, type NewRun, newRun } from "./new-run.ts";

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
  readonly record: RunItem;
  /** The payload that was kept, as JSON text. */
  readonly payload: string;
}

/** JSON text of a payload. Throws `payload_too_large` where Step Functions would not take it as an execution's input. */
export const payloadText = (payload: unknown): string => {
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  throw payloadTooLarge(bytes);
};

/** The flow, if records can be dispatched to it. */
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

/** Dispatches one record. Answers once it is durable; a start that fails then is made good by the sweeper. */
export const dispatchRun = async (
  deps: DispatchDependencies,
  request: DispatchRequest,
): Promise<Dispatched> => {
  const text = payloadText(request.payload);
  const identity = identityOf(deps, request, text);
  const { workspace, flowId } = request;
  const [flow, known] = await Promise.all([
    dispatchableFlow(deps.flows, workspace, flowId),
    earlierRun(deps, workspace, identity),
  ]);
  return dispatchTo(deps, flow, request, { text, identity, known });
};

type Asked = Omit<DispatchRequest, "payload">;
/** The body's hash with an idempotency key, which names the run. */
export type Identity = Pick<NewRun, "runId" | "bodyHash">;

const identityOf = (deps: RunDependencies, request: Asked, text: string): Identity => {
  const { workspace, flowId, starter, idempotencyKey: key } = request;
  if (key === undefined) return { runId: deps.ids.runId(deps.clock.now()) };
  const { kind, id } = starter.actor;
  const runId = idempotentRunId("dispatch", workspace, kind, id, flowId, key);
  return { runId, bodyHash: contentHash(JSON.parse(text) as Json) };
};

/** What an earlier call with the same key made, as it is now. To be asked before anything is counted or written. */
export const earlierRun = async (
  { runs }: RunDependencies,
  workspace: string,
  { runId, bodyHash }: Identity,
): Promise<RunItem | undefined> => (bodyHash === undefined ? undefined : runs.get(workspace, runId));

/** Dispatches a record of a batch, whose text and flow have been checked. */
export const dispatchOneOf = async (
  deps: DispatchDependencies,
  flow: FlowItem,
  request: Asked,
  text: string,
): Promise<Dispatched> => {
  const identity = identityOf(deps, request, text);
  const known = await earlierRun(deps, request.workspace, identity);
  return dispatchTo(deps, flow, request, { text, identity, known });
};

const dispatchTo = (
  deps: DispatchDependencies,
  flow: FlowItem,
  { starter }: Asked,
  { text, identity, known }: { text: string; identity: Identity; known: RunItem | undefined },
): Promise<Dispatched> => {
  const { workspace, flowId, incarnation, version, runAs } = flow;
  const run = { ...identity, workspace, flowId, incarnation, version, runAs, startedBy: starter.actor };
  return createAndStart(deps, flow, run, { text, permissions: starter.permissions, known });
};

/** What stands beside a run. */
interface Beside {
  /** JSON text of the payload. */
  readonly text: string;
  /** What the starter may do now; kept where the flow runs as its user, whom it may help when the run is resumed. */
  readonly permissions: readonly string[];
  /** What an earlier call with the same idempotency key made: it is the answer, and nothing is written. */
  readonly known: RunItem | undefined;
}

/**
 * The record first, with the intent to start it, then the start: a record without an execution is started by the sweeper,
 * an execution without a record would be a run that nobody knows. While the flow is held the record waits in its queue. Where a
 * call with the same idempotency key has come first since it was asked for, that one's run is the answer too.
 */
export const createAndStart = async (
  deps: DispatchDependencies,
  asked: FlowItem,
  run: NewRun,
  beside: Beside,
): Promise<Dispatched> => {
  const { text, known } = beside;
  if (known !== undefined) return { record: asDispatched(sameBody(known, run.bodyHash)), payload: text };
  if (rejects(asked)) {
    deps.metrics.count("dispatchesRejected");
    throw flowRejectsRecords();
  }
  const queued = isHeld(await countDispatch(deps, asked));
  const fresh = newRun(run, deps.clock.now(), deps.ids, { queued });
  const item = queued ? { runId: run.runId, time: fresh.createdAt, nonce: deps.ids.unique() } : undefined;
  const { created, run: record } = await create(deps, fresh, beside, item);
  if (!created) return { record: asDispatched(sameBody(record, run.bodyHash)), payload: text };
  deps.metrics.count(item === undefined ? "dispatchesStarted" : "dispatchesQueued");
  if (item !== undefined) return { record: await wait(deps, record, item), payload: text };
  try {
    await startRun(deps, record, text);
  } catch (error) {
    deps.metrics.count("startsFailed");
    deps.log.warn("The start failed; the sweeper will do it", {
      ...logFields(record),
      error: error as Error,
    });
  }
  return { record, payload: text };
};

/** Only a person turns records away; what a cap holds is kept. */
const rejects = (flow: FlowItem): boolean => flow.holds.manual !== undefined && flow.mode === "reject";

/** The record is safe in the queue, whatever fails now: the flow's next drain finds it, and the sweeper what was taken off. */
const wait = async (deps: DispatchDependencies, record: RunItem, item: QueueItem): Promise<RunItem> => {
  try {
    return await afterQueueing(deps, record, item);
  } catch (error) {
    deps.log.warn("A record in the queue is left to the drain", {
      ...logFields(record),
      error: error as Error,
    });
    return record;
  }
};

/** Each dispatch marks its first trail entry; one that has moved on into an item of its own is somebody else's, or long past. */
const ownWrite = (written: RunItem, run: RunItem): boolean =>
  written.recentAudit[0]?.op !== undefined && written.recentAudit[0].op === run.recentAudit[0]?.op;

/** A write whose answer was lost may have taken effect: the table knows. */
const create = async (
  deps: RunDependencies,
  run: RunItem,
  { text, permissions }: Beside,
  item: QueueItem | undefined,
): ReturnType<RunDependencies["runs"]["create"]> => {
  try {
    const made = await deps.runs.create(run, text, item, run.runAs === "user" ? permissions : []);
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
