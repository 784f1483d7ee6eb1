import type { BulkStatus } from "../../model/bulk.ts";
import { shardOf } from "../../model/ids.ts";
import type { BulkResult } from "../../model/schemas/bulk.ts";
import {
  between,
  type Change,
  type Clause,
  is,
  lacks,
  updateExpression,
  wholePartition,
} from "../expressions.ts";
import type { Item, ItemKey } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { BulkChunk, BulkItem, BulkSlice, SelectedRun } from "./bulk-item.ts";

/** A rejected write returns the current operation; without `current`, it is deleted. */
export type BulkWriteResult =
  | { readonly ok: true; readonly bulk: BulkItem }
  | { readonly ok: false; readonly current?: BulkItem | undefined };

export type Outcomes = Pick<BulkItem, "succeeded" | "skipped" | "failed">;

/** Reads and writes bulk operations with their selected runs and results, in one partition each. */
export class BulkStore extends TableStore {
  get(workspace: string, bulkId: string): Promise<BulkItem | undefined> {
    return this.table.read(keys.bulk(workspace, bulkId), bulkItemOf);
  }

  /** Writes the operation and its entry in the list in one transaction. An existing operation is returned unchanged. */
  async create(bulk: BulkItem): Promise<{ created: boolean; bulk: BulkItem }> {
    const { workspace, bulkId, createdAt } = bulk;
    const item = { ...keys.bulk(workspace, bulkId), ...bulk, ...dueAt(bulkId, bulk.due) };
    const entry = { ...keys.bulkEntry(workspace, createdAt, bulkId), bulkId };
    try {
      await this.table.transact((TableName) => [
        { Put: { TableName, Item: item, ConditionExpression: "attribute_not_exists(PK)" } },
        { Put: { TableName, Item: entry } },
      ]);
      return { created: true, bulk };
    } catch (error) {
      const found = await this.get(workspace, bulkId);
      if (found === undefined) throw error;
      return { created: found.nonce === bulk.nonce, bulk: found };
    }
  }

  /** Adds a page of selected runs, unless another worker has added it. The selection ends with the last page. */
  async select(
    was: BulkItem,
    runs: readonly SelectedRun[],
    now: string,
    next: { readonly cursor?: string | undefined; readonly last: boolean },
  ): Promise<BulkWriteResult> {
    const pages = (was.selection?.pages ?? 0) + 1;
    const selection = next.last ? undefined : { pages, ...(next.cursor && { cursor: next.cursor }) };
    const matched = was.matched + runs.length;
    const change: Change = {
      set: { selection, matched, updatedAt: now },
      remove: next.last ? ["selection"] : [],
      when: [RUNNING, is("selection.pages", pages - 1)],
    };
    const chunk = { ...keys.bulkChunk(was.workspace, was.bulkId, was.matched), runs: runs.map(packed) };
    const extra = runs.length === 0 ? [] : [chunk];
    if (!(await this.#tryTransact(was, change, extra))) return this.#refused(was);
    const { selection: _done, ...rest } = was;
    return { ok: true, bulk: { ...rest, matched, updatedAt: now, ...(selection && { selection }) } };
  }

  /** Returns the item of selected runs that contains a position. */
  async chunk({ workspace, bulkId }: BulkItem, place: number): Promise<BulkChunk | undefined> {
    const { PK, SK } = keys.bulkChunk(workspace, bulkId, place);
    const [item] = await this.table.first({
      key: between(PK, keys.bulkChunk(workspace, bulkId, 0).SK, SK),
      newestFirst: true,
      limit: 1,
    });
    if (item === undefined) return undefined;
    return { start: placeOf(item), runs: (item["runs"] as string[]).map(unpacked) };
  }

  /** Claims a slice of runs, unless a stop was requested or another worker has claimed one. */
  async claimSlice(was: BulkItem, slice: BulkSlice): Promise<BulkWriteResult> {
    return this.#update(was, { set: { slice } }, [...ownedBy(was), NO_SLICE, NO_STOP]);
  }

  /** Claims the slice of a worker that died. That worker can then no longer commit it. */
  async reclaimSlice(was: BulkItem, slice: BulkSlice): Promise<BulkWriteResult> {
    const again = { ...slice, tries: slice.tries + 1 };
    return this.#update(was, { set: { slice: again } }, [...ownedBy(was), sliceAt(slice.tries)]);
  }

  /** Writes results, counters and position in one transaction. Returns undefined if another worker has written them. */
  async commitSlice(
    was: BulkItem & { readonly slice: BulkSlice },
    results: readonly BulkResult[],
    counted: Outcomes,
    now: string,
  ): Promise<BulkItem | undefined> {
    const next = { ...counted, position: was.position + results.length, updatedAt: now };
    const change: Change = {
      set: next,
      remove: ["slice"],
      when: [atPosition(was), sliceAt(was.slice.tries)],
    };
    const item = { ...keys.bulkResults(was.workspace, was.bulkId, was.position), results };
    if (!(await this.#tryTransact(was, change, [item]))) return undefined;
    const { slice: _done, ...rest } = was;
    return { ...rest, ...next };
  }

  /** Ends the operation while no slice is claimed. After a stop request it cannot end as completed. `due`: when it may be deleted. */
  async end(
    was: BulkItem,
    status: Exclude<BulkStatus, "running">,
    more: { readonly now: string; readonly due: string; readonly error?: string },
  ): Promise<BulkWriteResult> {
    const { now, due, error } = more;
    const set = { status, updatedAt: now, endedAt: now, error, ...dueAt(was.bulkId, due) };
    const when = [RUNNING, atPosition(was), NO_SLICE, ...(status === "completed" ? [NO_STOP] : [])];
    return this.#update(was, { set, remove: ["selection"] }, when);
  }

  /** Requests a stop. Rejected if the operation has ended or a stop was already requested. */
  async requestStop(was: BulkItem, now: string): Promise<BulkWriteResult> {
    return this.#update(was, { set: { stop: true, updatedAt: now } }, [RUNNING, NO_STOP]);
  }

  /** Sets the next check or attempt, unless the attempt has changed since it was read. */
  async reschedule(was: BulkItem, attempt: number, due: string): Promise<boolean> {
    const set = { attempt, ...dueAt(was.bulkId, due) };
    return (await this.#update(was, { set }, [RUNNING, atAttempt(was)])).ok;
  }

  /** Returns results in the order of processing. `position` is that of a slice's first run. */
  async *results(
    { workspace, bulkId }: BulkItem,
    from: number,
  ): AsyncGenerator<{ place: number; results: readonly BulkResult[] }> {
    const sortOf = (place: number) => keys.bulkResults(workspace, bulkId, place).SK;
    for await (const item of this.table.query({
      key: between(keys.bulk(workspace, bulkId).PK, sortOf(from), sortOf(LAST_POSITION)),
      limit: RESULTS_PAGE,
    })) {
      yield { place: placeOf(item), results: item["results"] as BulkResult[] };
    }
  }

  /** Returns the operations of a workspace before `before`, the sort key of an entry in its list, newest first. */
  async *list(workspace: string, before?: string): AsyncGenerator<{ at: string; bulkId: string }> {
    for await (const item of this.table.query({
      key: between(keys.workspace(workspace).PK, LIST, before ?? `${LIST}~`),
      newestFirst: true,
      limit: LIST_PAGE,
    })) {
      const at = String(item["SK"]);
      if (at !== before) yield { at, bulkId: String(item["bulkId"]) };
    }
  }

  async getMany(workspace: string, bulkIds: readonly string[]): Promise<BulkItem[]> {
    const items = await this.table.getMany(bulkIds.map((bulkId) => keys.bulk(workspace, bulkId)));
    const byId = new Map(items.map(bulkItemOf).map((bulk) => [bulk.bulkId, bulk]));
    return bulkIds.map((bulkId) => byId.get(bulkId)).filter((bulk) => bulk !== undefined);
  }

  /** Deletes up to `limit` items of an operation, the operation itself last. Returns true once it is deleted. */
  async purge({ workspace, bulkId, createdAt }: BulkItem, limit: number): Promise<boolean> {
    const { PK, SK } = keys.bulk(workspace, bulkId);
    const parts: ItemKey[] = [];
    for await (const item of this.table.query({ key: wholePartition(PK), keysOnly: true })) {
      if (item["SK"] !== SK) parts.push({ PK, SK: String(item["SK"]) });
      if (parts.length === limit) break;
    }
    await this.table.deleteMany(parts);
    if (parts.length === limit) return false;
    await this.table.delete(keys.bulkEntry(workspace, createdAt, bulkId));
    await this.table.delete({ PK, SK });
    return true;
  }

  async #update(
    was: BulkItem,
    change: Omit<Change, "when">,
    when: readonly Clause[],
  ): Promise<BulkWriteResult> {
    const written = await this.table.update(keys.bulk(was.workspace, was.bulkId), { ...change, when });
    if (written.ok) return { ok: true, bulk: bulkItemOf(written.item) };
    return { ok: false, current: written.old && bulkItemOf(written.old) };
  }

  async #refused(was: BulkItem): Promise<BulkWriteResult> {
    return { ok: false, current: await this.get(was.workspace, was.bulkId) };
  }

  /** Returns false if the condition fails or another write is in progress. */
  #tryTransact(was: BulkItem, change: Change, items: readonly Item[]): Promise<boolean> {
    const Key = keys.bulk(was.workspace, was.bulkId);
    return this.table.tryTransact((TableName) => [
      { Update: { TableName, Key, ...updateExpression(change) } },
      ...items.map((Item) => ({ Put: { TableName, Item } })),
    ]);
  }
}

const LIST = "BULK#";
const LAST_POSITION = 999_999_999;
/** Items per read: results of a few hundred runs, and the entries of one page of the API. */
const RESULTS_PAGE = 20;
const LIST_PAGE = 100;

const RUNNING = is("status", "running");
const NO_SLICE = lacks("slice");
const NO_STOP = lacks("stop");
const atPosition = ({ position }: BulkItem): Clause => is("position", position);
const atAttempt = ({ attempt }: BulkItem): Clause => is("attempt", attempt);
const sliceAt = (tries: number): Clause => is("slice.tries", tries);
const ownedBy = (was: BulkItem): Clause[] => [RUNNING, atPosition(was), atAttempt(was)];

const dueAt = (bulkId: string, due: string) => ({
  dueKey: indexKeys.due(shardOf(bulkId, INDEX_SHARDS)),
  due,
});
const placeOf = (item: Item): number => Number(String(item["SK"]).slice(2));
const packed = ({ runId, rev }: SelectedRun): string => `${rev} ${runId}`;
const unpacked = (text: string): SelectedRun => {
  const [rev = "0", runId = ""] = text.split(" ");
  return { runId, rev: Number(rev) };
};
const bulkItemOf = (item: Item): BulkItem => {
  const { PK: _partition, SK: _sort, dueKey: _dueKey, ...bulk } = item;
  return bulk as unknown as BulkItem;
};
