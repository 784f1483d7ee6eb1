import type { Actor } from "../../model/actor.ts";
import { shardOf } from "../../model/ids.ts";
import { ATTENTION_STATUSES, isTerminal, nextStatus, type Transition } from "../../model/transitions.ts";
import type { Item } from "../client.ts";
import type { AuditEntry, Intent, RunItem } from "../records.ts";
import { INDEX_SHARDS, indexKeys, keys } from "../table.ts";
import { entryIn, packedEntry } from "./audit.ts";

/** One status change on its way into the run item. */
export interface StatusChange {
  readonly transition: Transition;
  readonly entry: Pick<AuditEntry, "at" | "actor" | "reason" | "op" | "override" | "vouched">;
}

/** What changes beside the status. */
export interface Patch {
  readonly set?: Partial<Omit<RunItem, "status" | "rev" | "trail">>;
  readonly remove?: readonly (keyof RunItem)[];
}

/** The record after the changes, each a revision and a trail entry of its own. Throws where the table refuses one. */
export const applyChanges = (
  record: RunItem,
  changes: readonly StatusChange[],
  patch: Patch,
): { next: RunItem; entries: AuditEntry[] } => {
  const entries: AuditEntry[] = [];
  let { status, rev } = record;
  for (const { transition, entry } of changes) {
    const to = nextStatus(status, transition);
    if (to === undefined) throw new Error(`${transition} of a ${status} run`);
    rev += 1;
    entries.push({ rev, ...entry, action: transition, from: status, to });
    status = to;
  }
  const next: RunItem = { ...record, ...patch.set, status, rev, trail: [...record.trail, ...entries] };
  for (const field of patch.remove ?? []) delete (next as Partial<Record<keyof RunItem, unknown>>)[field];
  return { next, entries };
};

/** When the sweeper has to look at the run: the earliest of its intent, its deadline and its check. ISO 8601. */
const dueOf = (record: RunItem): string | undefined => {
  const live = !isTerminal(record.status);
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

/** When the run took the status that it has. ISO 8601. */
export const statusSince = (record: RunItem): string => record.trail.at(-1)?.at ?? record.updatedAt;

/** The run's place among those that were paused, failed or began to wait before and after it: another with each change of status. */
export const attentionPosition = (record: RunItem): string =>
  indexKeys.time(statusSince(record), record.runId);

const attentionAttributes = (record: RunItem, shard: number): Record<string, string | undefined> => {
  const { workspace, status } = record;
  const stands = ATTENTION_STATUSES.some((one) => one === status);
  if (record.deleted === true || !(stands || status === "waiting"))
    return { attentionKey: undefined, attentionSince: undefined };
  const attentionKey = stands ? indexKeys.attention(workspace, shard) : indexKeys.waiting(workspace, shard);
  return { attentionKey, attentionSince: attentionPosition(record) };
};

/** Index attributes that follow the status: undefined ones are removed. They change in the same write as the status. */
export const indexAttributes = (record: RunItem): Record<string, string | undefined> => {
  const shard = shardOf(record.runId, INDEX_SHARDS);
  const listed = record.deleted !== true;
  return {
    statusKey: listed ? indexKeys.byStatus(record.workspace, record.status, shard) : undefined,
    ...attentionAttributes(record, shard),
    ...duePlace(record, shard),
  };
};

/** Tombstones and runs that are over stand apart from what is urgent, in the same index: a run that ends costs one write of it. */
const duePlace = (
  record: RunItem,
  shard: number,
): { dueKey: string | undefined; due: string | undefined } => {
  if (record.deleted === true) return { dueKey: indexKeys.tombstones(shard), due: record.intent?.due };
  const due = dueOf(record);
  if (due !== undefined) return { dueKey: indexKeys.due(shard), due };
  const end = isTerminal(record.status) ? record.endedAt : undefined;
  return { dueKey: end === undefined ? undefined : indexKeys.ended(record.workspace, shard), due: end };
};

/** The whole item of a new run. What its keys say stands nowhere else in it: it is billed by its size at every step. */
export const newItem = (record: RunItem): Item & { PK: string; SK: string } => {
  const { runId, workspace, createdAt, trail, ...rest } = record;
  return {
    ...keys.run(workspace, runId),
    ...rest,
    trail: trail.map(packedEntry),
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
export const runItemOf = (item: Item): RunItem => {
  const [, workspace, , runId] = String(item["PK"]).split("#");
  // A tombstone is in no list and has its time for itself.
  const createdAt = item["createdAt"] ?? String(item["timeKey"]).split("#")[0];
  const trail = ((item["trail"] ?? []) as readonly unknown[]).map(entryIn);
  const record: Item = { ...item, workspace, runId, createdAt, trail };
  for (const name of KEY_ATTRIBUTES) delete record[name];
  return record as unknown as RunItem;
};

/** How a run is deleted. */
export interface Deletion {
  /** When the tombstone goes. */
  readonly intent: Intent;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: Actor;
  readonly reason?: string | undefined;
  readonly keptUntil?: string | undefined;
  readonly deletedBy?: string | undefined;
}

/** What stays of a deleted run, over for every writer, and the attributes that go. Its trail tells of the deletion alone. */
export const tombstone = (record: RunItem, burial: Deletion): { next: RunItem; gone: string[] } => {
  const { runId, workspace, flowId, incarnation, version, attempt, startState, runAs, startedBy } = record;
  const { intent, at, actor, reason, keptUntil, deletedBy } = burial;
  const rev = record.rev + 1;
  const deletion = { rev, at, actor, action: "delete", from: record.status, to: "deleted" } as const;
  const queuedAt = record.queuedAt ?? (record.arrivedHeld === true ? record.createdAt : undefined);
  const next: RunItem = {
    ...{ runId, workspace, flowId, incarnation, version, attempt, runAs, startedBy, intent },
    ...(startState === undefined ? {} : { startState }),
    // Where a slow writer may still put it back into the queue.
    ...(queuedAt === undefined ? {} : { queuedAt }),
    ...(keptUntil === undefined ? {} : { keptUntil }),
    ...(deletedBy === undefined ? {} : { deletedBy }),
    status: isTerminal(record.status) ? record.status : "cancelled",
    rev,
    createdAt: record.createdAt,
    updatedAt: at,
    trail: [reason === undefined ? deletion : { ...deletion, reason }],
    deleted: true,
  };
  const left = { ...next, ...indexAttributes(next) };
  const gone = Object.keys(newItem(record)).filter((name) => left[name as keyof typeof left] === undefined);
  return { next, gone: gone.filter((name) => name !== "PK" && name !== "SK") };
};
