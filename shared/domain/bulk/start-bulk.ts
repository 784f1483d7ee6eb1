import type { StartBulk } from "../../model/api/bulk-requests.ts";
import { contentHash, idempotentRunId } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkJobs } from "../../outbound/ports.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";
import { type BulkDependencies, orWarn } from "../deps.ts";
import type { Starter } from "../dispatch/dispatch-run.ts";
import { idempotencyKeyReused } from "../refusals.ts";
import { endBulk } from "./end-bulk.ts";
import { selectByFilter, selectByIds } from "./select-runs.ts";

export interface BulkRequest {
  readonly workspace: string;
  readonly starter: Starter;
  readonly asked: StartBulk;
  /** Runs per second if the request sets no rate. */
  readonly defaultRate: number;
  readonly idempotencyKey?: string | undefined;
}

/** The request selects runs for this long, well below the API's own limit. The job selects the rest. */
export const SELECT_MS = 15_000;

/**
 * Starts a bulk operation: first its item, then the snapshot of its runs, then its job. If this process dies in between, the
 * sweeper finds the operation. An operation with a filter continues to select its runs. One with run ids, which only the
 * request contains, fails without having changed any run.
 */
export const startBulk = async (deps: BulkDependencies, request: BulkRequest): Promise<BulkItem> => {
  const fresh = newBulk(deps, request);
  const { created, bulk: record } = await deps.bulks.create(fresh);
  if (record.bodyHash !== fresh.bodyHash) {
    throw idempotencyKeyReused();
  }
  const { filter, runIds, revs } = request.asked;
  // The first request with this key died while it stored its ids or before it started the job: this one continues.
  if (!created && record.selection === undefined) return begun(deps, record);
  if (!created && runIds === undefined) return record;
  const until = deps.clock.now() + SELECT_MS;
  const selected =
    runIds !== undefined
      ? await selectByIds(deps, record, { runIds, revs })
      : await selectByFilter(deps, record, filter ?? {}, { until, late: false });
  return begun(deps, selected ?? record);
};

const begun = async (deps: BulkDependencies, bulk: BulkItem): Promise<BulkItem> => {
  if (bulk.status !== "running") return bulk;
  if (bulk.matched === 0 && bulk.selection === undefined) return (await endBulk(deps, bulk)) ?? bulk;
  const failed = "The bulk job could not be started; the sweeper will start it";
  await orWarn(deps, bulk, failed, () => startBulkJob(deps, bulk));
  return bulk;
};

const newBulk = (deps: BulkDependencies, request: BulkRequest): BulkItem => {
  const { workspace, starter, asked, idempotencyKey: key } = request;
  const { dryRun: _dryRun, filter, runIds, action, reason, rate = request.defaultRate } = asked;
  const now = deps.clock.now();
  const { kind, id } = starter.actor;
  return {
    workspace,
    bulkId: key === undefined ? deps.ids.runId(now) : idempotentRunId("bulk", workspace, kind, id, key),
    nonce: deps.ids.unique(),
    bodyHash: contentHash(JSON.parse(JSON.stringify(asked)) as Json),
    action,
    ...(filter === undefined ? {} : { filter }),
    ...(runIds === undefined ? {} : { runIds: runIds.length }),
    ...(reason === undefined || reason === "" ? {} : { reason }),
    ...optionsOf(asked),
    rate,
    createdBy: starter.actor,
    permissions: starter.permissions,
    createdAt: iso(now),
    updatedAt: iso(now),
    status: "running",
    ...{ matched: 0, succeeded: 0, skipped: 0, failed: 0, position: 0 },
    selection: { pages: 0 },
    attempt: 1,
    due: iso(now + BULK_CHECK_MS),
  };
};

const optionsOf = ({ at, version, giveUp, from }: StartBulk): Pick<BulkItem, "options"> => {
  const given = Object.entries({ at, version, giveUp, from }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { options: Object.fromEntries(given) };
};

/** The time without progress after which the sweeper checks an operation; longer than any request takes. */
export const BULK_CHECK_MS = 60_000;

/**
 * Starts an execution named after the operation's attempt. If one with this name exists, it was started for the same attempt.
 */
export const startBulkJob = async (
  deps: { readonly bulkJobs: BulkJobs },
  { workspace, bulkId, attempt }: Pick<BulkItem, "workspace" | "bulkId" | "attempt">,
): Promise<void> => {
  await deps.bulkJobs.start({ workspace, bulkId, attempt, batches: 0 });
};
