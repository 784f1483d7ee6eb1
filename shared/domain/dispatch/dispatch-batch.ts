import type { SluiceError } from "../../model/errors.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { DispatchDependencies } from "../deps.ts";
import { dispatchableFlow, dispatchOneOf, payloadText, type Starter } from "./dispatch-run.ts";

interface BatchRecord {
  readonly payload: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly priority?: number | undefined;
}
/** A record that passed its own checks, or the refusal of one that did not. */
export type CheckedRecord = BatchRecord | SluiceError;
export type BatchResult = { readonly run: RunItem } | { readonly refusal: SluiceError };

export interface BatchRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly starter: Starter;
  readonly records: readonly CheckedRecord[];
  /** Binds the batch to its idempotency key, or throws. Called once it is certain that the flow accepts records. */
  readonly claim: (flow: FlowItem) => Promise<void>;
  /** The idempotency key of the whole batch, from which the keys of records without their own are derived. */
  readonly idempotencyKey?: string | undefined;
}

/** Records dispatched at the same time. */
const CONCURRENCY = 10;

/**
 * Dispatches each record as a single dispatch would, and returns the results in order. A failure of one record, converted into
 * a refusal by `refusalOf`, does not affect the others.
 */
export const dispatchBatch = async (
  deps: DispatchDependencies,
  request: BatchRequest,
  refusalOf: (error: unknown) => SluiceError,
): Promise<BatchResult[]> => {
  const { workspace, flowId, starter, records } = request;
  // The flow is read first: a batch that is refused must not bind its key to its records.
  const flow = await dispatchableFlow(deps.flows, workspace, flowId);
  await request.claim(flow);
  const results: BatchResult[] = new Array(records.length);
  // The first of several records with the same key determines the key's payload.
  const turns = Map.groupBy(records.entries(), ([index, record]) => turnOf(record, index)).values();
  const one = async (record: CheckedRecord, index: number): Promise<BatchResult> => {
    if (record instanceof Error) return { refusal: record };
    try {
      const text = payloadText(record.payload);
      const idempotencyKey = record.idempotencyKey ?? keyOf(request.idempotencyKey, index);
      const asked = { workspace, flowId, starter, idempotencyKey, text, priority: record.priority };
      return { run: (await dispatchOneOf(deps, flow, asked)).record };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  };
  await forEachConcurrent(turns, { concurrency: CONCURRENCY }, async (turn) => {
    for (const [index, record] of turn) results[index] = await one(record, index);
  });
  return results;
};

/** Returns the same value for records that must be dispatched one after the other. */
const turnOf = (record: CheckedRecord, index: number): string | number =>
  record instanceof Error ? index : (record.idempotencyKey ?? index);

/** Longer than a client's own key may be, so it never collides with one. */
const keyOf = (batchKey: string | undefined, index: number): string | undefined =>
  batchKey === undefined ? undefined : `batch ${String(index).padStart(255, "0")} ${batchKey}`;
