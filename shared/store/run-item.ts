import { shardOf } from "../model/ids.ts";
import { isTerminal, type Move, nextStatus } from "../model/transitions.ts";
import type { Item } from "./client.ts";
import type { Intent, RunRecord, TrailEntry } from "./records.ts";
import { INDEX_SHARDS, indexKeys, keys } from "./table.ts";

/** One status change on its way into the run item. */
export interface Step {
  readonly move: Move;
  readonly entry: Pick<TrailEntry, "at" | "actor" | "reason" | "op" | "override" | "vouched">;
}

/** What changes beside the status. */
export interface Patch {
  readonly set?: Partial<Omit<RunRecord, "status" | "rev" | "trail">>;
  readonly remove?: readonly (keyof RunRecord)[];
}

/** The record after the moves, each a revision and a trail entry of its own. Throws where the table refuses one. */
export const applyMoves = (
  record: RunRecord,
  steps: readonly Step[],
  patch: Patch,
): { next: RunRecord; entries: TrailEntry[] } => {
  const entries: TrailEntry[] = [];
  let { status, rev } = record;
  for (const { move, entry } of steps) {
    const to = nextStatus(status, move);
    if (to === undefined) throw new Error(`${move} of a ${status} run`);
    rev += 1;
    entries.push({ rev, ...entry, action: move, from: status, to });
    status = to;
  }
  const next: RunRecord = { ...record, ...patch.set, status, rev, trail: [...record.trail, ...entries] };
  for (const field of patch.remove ?? []) delete (next as Partial<Record<keyof RunRecord, unknown>>)[field];
  return { next, entries };
};

/** When the sweeper has to look at the run: the earliest of its intent, its deadline and its check. ISO 8601. */
const dueOf = (record: RunRecord): string | undefined => {
  const live = !isTerminal(record.status) && record.deleted !== true;
  const times = [
    record.intent?.due,
    live && record.status !== "paused" ? record.deadline : undefined,
    live ? record.checkAt : undefined,
  ].filter((time) => time !== undefined);
  return times.sort()[0];
};

/** Index attributes of a run that is due. */
export const dueAt = (runId: string, due: string): { readonly dueKey: string; readonly due: string } => ({
  dueKey: indexKeys.due(shardOf(runId, INDEX_SHARDS)),
  due,
});

/** Index attributes that follow the status: undefined ones are removed. They change in the same write as the status. */
export const indexAttributes = (record: RunRecord): Record<string, string | undefined> => {
  const shard = shardOf(record.runId, INDEX_SHARDS);
  const due = dueOf(record);
  const listed = record.deleted !== true;
  const attention = listed && (record.status === "paused" || record.status === "failed");
  return {
    statusKey: listed ? indexKeys.byStatus(record.workspace, record.status, shard) : undefined,
    attentionKey: attention ? indexKeys.attention(record.workspace, shard) : undefined,
    attentionSince: attention ? indexKeys.time(record.updatedAt, record.runId) : undefined,
    dueKey: due === undefined ? undefined : indexKeys.due(shard),
    due,
  };
};

/** The whole item of a new run. What its keys say stands nowhere else in it: it is billed by its size at every step. */
export const newItem = (record: RunRecord): Item & { PK: string; SK: string } => {
  const { runId, workspace, createdAt, ...rest } = record;
  return {
    ...keys.run(workspace, runId),
    ...rest,
    ...indexAttributes(record),
    flowKey: indexKeys.byFlow(workspace, record.flowId, shardOf(runId, INDEX_SHARDS)),
    timeKey: indexKeys.time(createdAt, runId),
  };
};

const KEY_ATTRIBUTES = [
  "PK",
  "SK",
  "flowKey",
  "timeKey",
  "statusKey",
  "attentionKey",
  "attentionSince",
  "dueKey",
  "due",
  "ttl",
] as const;
/** The record in an item that only this store writes. */
export const runRecord = (item: Item): RunRecord => {
  const [, workspace, , runId] = String(item["PK"]).split("#");
  // A tombstone is in no list and has its time for itself.
  const createdAt = item["createdAt"] ?? String(item["timeKey"]).split("#")[0];
  const record: Item = { ...item, workspace, runId, createdAt };
  for (const name of KEY_ATTRIBUTES) delete record[name];
  return record as unknown as RunRecord;
};

/** What stays of a deleted run, over for every writer, and the attributes that go. */
export const tombstone = (
  record: RunRecord,
  intent: Intent,
  at: string,
): { next: RunRecord; gone: string[] } => {
  const { runId, workspace, flowId, incarnation, version, attempt, startState, runAs, startedBy } = record;
  const next: RunRecord = {
    ...{ runId, workspace, flowId, incarnation, version, attempt, runAs, startedBy, intent },
    ...(startState === undefined ? {} : { startState }),
    status: isTerminal(record.status) ? record.status : "cancelled",
    rev: record.rev + 1,
    createdAt: record.createdAt,
    updatedAt: at,
    trail: [],
    deleted: true,
  };
  const left = { ...next, ...indexAttributes(next) };
  const gone = Object.keys(newItem(record)).filter((name) => left[name as keyof typeof left] === undefined);
  return { next, gone: gone.filter((name) => name !== "PK" && name !== "SK") };
};
