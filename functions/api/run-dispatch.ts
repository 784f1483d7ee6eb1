import { orWarn } from "../../shared/domain/deps.ts";
import {
  type BatchResult,
  type CheckedRecord,
  dispatchBatch,
} from "../../shared/domain/dispatch/dispatch-batch.ts";
import { type Dispatched, dispatchRun, keySpaceOf } from "../../shared/domain/dispatch/dispatch-run.ts";
import { previewReplay, replayRun } from "../../shared/domain/dispatch/replay-run.ts";
import { idempotencyKeyReused } from "../../shared/domain/refusals.ts";
import { runView } from "../../shared/domain/runs/run-view.ts";
import { problemOf } from "../../shared/model/api/problem.ts";
import { batchRecordSchema } from "../../shared/model/api/requests.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { contentHash } from "../../shared/model/ids.ts";
import type { Json } from "../../shared/model/json/json.ts";
import { API_TIMEOUT_SECONDS } from "../../shared/model/limits.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import type { FlowItem } from "../../shared/store/flows/flow-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { DispatchFunctionDependencies } from "../dependencies/dispatch-dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { endpoint } from "../middleware/http.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";
import { refusalOf } from "../middleware/http-failure.ts";
import { parseAs } from "../middleware/http-input.ts";

export const dispatchRunEndpoint = (deps: Ending<DispatchFunctionDependencies>) =>
  endpoint(
    deps,
    runOperations.dispatchRun,
    async ({ params, body, idempotencyKey, waitSeconds }, starter) => {
      const begun = performance.now();
      const dispatched = await dispatchRun(deps, { ...params, ...body, idempotencyKey, starter });
      const seconds =
        waitSeconds && Math.min(waitSeconds, MAX_CALL_SECONDS - (performance.now() - begun) / 1_000);
      const ended =
        seconds === undefined || seconds <= 0 ? undefined : await endOf(deps, dispatched, seconds);
      return ended === undefined ? accepted(deps, dispatched) : at(ended, dispatched.record.workspace, 200);
    },
  );

/** A slow dispatch waits for less time, so that it answers before its function's timeout. */
const MAX_CALL_SECONDS = API_TIMEOUT_SECONDS - 2;

/** The record is durable, so a wait that fails, for want of capacity or otherwise, is an answer without the run's end. */
const endOf = (
  deps: DispatchFunctionDependencies,
  { record }: Dispatched,
  seconds: number,
): Promise<Run | undefined> =>
  orWarn(deps, record, "The dispatch could not wait for the run's end", () =>
    deps.endWaits.forEnd(record, seconds),
  );

export const dispatchBatchEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.dispatchBatch, async ({ params, body, idempotencyKey }, starter) => {
    const claim = async (flow: FlowItem): Promise<void> => {
      if (idempotencyKey === undefined) return;
      const { kind, id } = starter.actor;
      const scope = [kind, id, ...keySpaceOf(flow), idempotencyKey];
      const bodyHash = contentHash(body.records as Json[]);
      if (await deps.batches.claim(flow.workspace, scope, bodyHash, deps.clock.now())) return;
      throw idempotencyKeyReused();
    };
    const records = body.records.map(checkedRecord);
    const results = await dispatchBatch(
      deps,
      { ...params, starter, records, claim, idempotencyKey },
      refusalOf,
    );
    return { status: 200, body: { results: results.map((result) => resultView(deps, result)) } };
  });

export const replayRunEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.replayRun, async ({ params, body, idempotencyKey }, starter) => {
    const { dryRun, ...asked } = body;
    if (dryRun === true) return { status: 200, body: await previewReplay(deps, { ...params, ...asked }) };
    return accepted(deps, await replayRun(deps, { ...params, ...asked, idempotencyKey, starter }));
  });

const checkedRecord = (record: unknown): CheckedRecord => {
  try {
    return parseAs(batchRecordSchema, record);
  } catch (error) {
    return refusalOf(error);
  }
};

/**
 * Returns the result without the payload, which the caller already has: a hundred payloads could exceed the size limit of a
 * response.
 */
const resultView = (deps: Dependencies, result: BatchResult) => {
  if ("run" in result) return { status: 202, run: runView(result.run, deps.machinePlace) };
  const error = problemOf(result.refusal);
  return { status: error.status, error };
};

/** Answers 202 with the run and its location. */
const accepted = (deps: Dependencies, { record, payload }: Dispatched): HttpAnswer =>
  at({ ...runView(record, deps.machinePlace), payload: JSON.parse(payload) }, record.workspace, 202);

const at = (run: Run, workspace: string, status: 200 | 202): HttpAnswer => ({
  ...{ status, body: run, rev: run.rev },
  location: `/v1/workspaces/${workspace}/runs/${run.runId}`,
});
