import {
  type BatchResult,
  type CheckedRecord,
  dispatchBatch,
} from "../../shared/domain/dispatch/dispatch-batch.ts";
import { idempotencyKeyReused } from "../../shared/domain/refusals.ts";
import { runView } from "../../shared/domain/runs/run-view.ts";
import { problemOf } from "../../shared/model/api/problem.ts";
import { batchRecordSchema } from "../../shared/model/api/requests.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { contentHash } from "../../shared/model/canonical.ts";
import type { Json } from "../../shared/model/json/json.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";
import { refusalOf } from "../middleware/http-failure.ts";
import { parseAs } from "../middleware/http-input.ts";

export const dispatchBatchEndpoint = endpoint(
  runOperations.dispatchBatch,
  async ({ params, body, idempotencyKey }, starter, deps) => {
    const claim = async (): Promise<void> => {
      if (idempotencyKey === undefined) return;
      const { workspace, flowId } = params;
      const { kind, id } = starter.actor;
      const scope = [kind, id, flowId, idempotencyKey];
      const bodyHash = contentHash(body.records as Json[]);
      if (await deps.batches.claim(workspace, scope, bodyHash, deps.clock.now())) return;
      throw idempotencyKeyReused();
    };
    const records = body.records.map(check);
    const results = await dispatchBatch(
      deps,
      { ...params, starter, records, claim, idempotencyKey },
      refusalOf,
    );
    return { status: 200, body: { results: results.map((result) => view(deps, result)) } };
  },
);

const check = (record: unknown): CheckedRecord => {
  try {
    return parseAs(batchRecordSchema, record);
  } catch (error) {
    return refusalOf(error);
  }
};

/** Without the payload, which the caller has: a hundred of them could be larger than an answer may be. */
const view = (deps: Dependencies, result: BatchResult) => {
  if ("run" in result) return { status: 202, run: runView(result.run, deps.statesArnPrefix) };
  const error = problemOf(result.refusal);
  return { status: error.status, error };
};
