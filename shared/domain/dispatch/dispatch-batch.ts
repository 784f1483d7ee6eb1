import type { SluiceError } from "../../model/errors.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { DispatchDependencies } from "../deps.ts";
import { dispatchableFlow, dispatchOneOf, payloadText, type Starter } from "./dispatch-run.ts";

interface BatchRecord {
  readonly payload: unknown;
  readonly idempotencyKey?: string | undefined;
}
/** A record that passed its own checks, or what they found. */
export type CheckedRecord = BatchRecord | SluiceError;
export type BatchResult = { readonly run: RunItem } | { readonly refusal: SluiceError };

export interface BatchRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly starter: Starter;
  readonly records: readonly CheckedRecord[];
  /** Throws where the batch may not be dispatched after all; asked once the flow is known to take records. */
  readonly claim: () => Promise<void>;
  /** Key of the whole batch: gives a key to each record that has none. */
  readonly idempotencyKey?: string | undefined;
}

/** Records dispatched at the same time. */
const CONCURRENCY = 10;

/**
 * Dispatches each record as it would be alone and answers in order. `refusalOf` makes a refusal of whatever failed: one
 * record's failure is no other's.
 */
export const dispatchBatch = async (
  deps: DispatchDependencies,
  request: BatchRequest,
  refusalOf: (error: unknown) => SluiceError,
): Promise<BatchResult[]> => {
  const { workspace, flowId, starter, records } = request;
  // The flow first: a batch that is refused may not bind its key to its records.
  const flow = await dispatchableFlow(deps.flows, workspace, flowId);
  await request.claim();
  const results: BatchResult[] = new Array(records.length);
  // Of records with one key the first decides what the key stands for.
  const turns = Map.groupBy(records.entries(), ([index, record]) => turnOf(record, index)).values();
  const one = async (record: CheckedRecord, index: number): Promise<BatchResult> => {
    if (record instanceof Error) return { refusal: record };
    try {
      const text = payloadText(record.payload);
      const idempotencyKey = record.idempotencyKey ?? keyOf(request.idempotencyKey, index);
      const asked = { workspace, flowId, starter, idempotencyKey };
      return { run: (await dispatchOneOf(deps, flow, asked, text)).record };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  };
  await forEachConcurrent(turns, { concurrency: CONCURRENCY }, async (turn) => {
    for (const [index, record] of turn) results[index] = await one(record, index);
  });
  return results;
};

/** The same for records that have to be dispatched one after the other. */
const turnOf = (record: CheckedRecord, index: number): string | number =>
  record instanceof Error ? index : (record.idempotencyKey ?? index);

/** Longer than a client's own key may be, so it never meets one. */
const keyOf = (batchKey: string | undefined, index: number): string | undefined =>
  batchKey === undefined ? undefined : `batch ${String(index).padStart(255, "0")} ${batchKey}`;
