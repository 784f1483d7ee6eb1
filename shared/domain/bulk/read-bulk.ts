import { BULK_KEPT_MS, type BulkStatus } from "../../model/bulk.ts";
import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { Bulk, BulkResult } from "../../model/schemas/bulk.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";
import type { BulkDependencies } from "../deps.ts";
import { bulkNotFound } from "../refusals.ts";

type ReadDependencies = Pick<BulkDependencies, "clock" | "bulks">;
interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The formats of cursors: an entry of the list; the position of a slice, and of a result in it. */
const LINE = /^BULK#[0-9TZ:.-]{24}#[0-9a-f-]{36}$/;
const PLACE = /^\d{1,9} \d{1,4}$/;

/** Whether the operation can still be read. */
const isKept = ({ clock }: Pick<BulkDependencies, "clock">, bulk: BulkItem): boolean =>
  bulk.endedAt === undefined || Date.parse(bulk.endedAt) + BULK_KEPT_MS > clock.now();

export const existingBulk = (deps: Pick<BulkDependencies, "clock">, bulk: BulkItem | undefined): BulkItem => {
  if (bulk !== undefined && isKept(deps, bulk)) return bulk;
  throw bulkNotFound();
};

/** The status for clients: stopped as soon as a stop is requested, since no further run is processed. */
export const bulkStatus = ({ status, stop }: BulkItem): BulkStatus =>
  status === "running" && stop === true ? "stopped" : status;

export const bulkView = (bulk: BulkItem): Bulk => {
  const { bulkId, action, filter, runIds, matched, succeeded, skipped, failed, rate } = bulk;
  const status = bulkStatus(bulk);
  return {
    ...{ bulkId, action },
    ...(filter === undefined ? {} : { filter: { ...filter } }),
    ...(runIds === undefined ? {} : { runIds }),
    status,
    ...(status === "running" && bulk.selection !== undefined ? { selecting: true } : {}),
    ...{ matched, succeeded, skipped, failed, rate },
    createdBy: bulk.createdBy.id,
    createdAt: bulk.createdAt,
    updatedAt: bulk.updatedAt,
    ...(bulk.endedAt === undefined ? {} : { endedAt: bulk.endedAt }),
    ...(bulk.reason === undefined ? {} : { reason: bulk.reason }),
    ...bulk.options,
    ...(bulk.error === undefined ? {} : { error: bulk.error }),
  };
};

/** Lists operations, newest first. `mayRead`: whether the caller may read one. */
export const listBulks = async (
  deps: ReadDependencies,
  workspace: string,
  { limit, cursor }: PageQuery,
  mayRead: (bulk: BulkItem) => boolean,
): Promise<{ items: Bulk[]; nextCursor?: string }> => {
  const list = ["bulks", workspace];
  const lines: { at: string; bulkId: string }[] = [];
  for await (const line of deps.bulks.list(workspace, readCursor(list, cursor, LINE))) {
    lines.push(line);
    if (lines.length > limit) break;
  }
  const shown = lines.slice(0, limit);
  const records = await deps.bulks.getMany(
    workspace,
    shown.map(({ bulkId }) => bulkId),
  );
  const items = records.filter((bulk) => isKept(deps, bulk) && mayRead(bulk)).map(bulkView);
  const last = shown.at(-1);
  if (lines.length <= limit || last === undefined) return { items };
  return { items, nextCursor: writeCursor(list, last.at) };
};

/** Lists the result of each run, in the order of processing. */
export const listBulkResults = async (
  deps: ReadDependencies,
  bulk: BulkItem,
  { limit, cursor }: PageQuery,
): Promise<{ items: BulkResult[]; nextCursor?: string }> => {
  const list = ["bulk-results", bulk.workspace, bulk.bulkId];
  const [slice = 0, within = 0] = (readCursor(list, cursor, PLACE) ?? "0").split(" ").map(Number);
  const items: BulkResult[] = [];
  for await (const { place, results } of deps.bulks.results(bulk, slice)) {
    for (const [index, result] of results.entries()) {
      if (place === slice && index < within) continue;
      if (items.length === limit) return { items, nextCursor: writeCursor(list, `${place} ${index}`) };
      items.push(result);
    }
  }
  return { items };
};
