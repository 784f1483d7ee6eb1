import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { randomIds } from "../model/ids.ts";
import type { AuditItem } from "../model/run.ts";
import { type Change, type ItemKey, type Table, updateExpression, within } from "./client.ts";
import { differences, dueAttributes, flowRecord, holdItem } from "./flow-item.ts";
import type { DrainIntent, FlowRecord } from "./records.ts";
import { INDEX_SHARDS, keys } from "./table.ts";

/** A flow's line in its workspace's list: what never changes. */
export interface FlowEntry {
  readonly flowId: string;
  readonly incarnation: string;
  readonly createdAt: string;
}

/** Both hold a flow exactly as it was read. */
const UNCHANGED = {
  text: "rev = :was AND incarnation = :incarnation AND attribute_not_exists(deleting)",
  values: (was: FlowRecord) => ({ ":was": was.rev, ":incarnation": was.incarnation }),
};

/** The flow item and what is written with it: its hold item, its line in the list, its audit. */
export class FlowStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** The flow, one that is being deleted (`deleting`) included. */
  async read(workspace: string, flowId: string): Promise<FlowRecord | undefined> {
    const item = await this.#table.get(keys.flow(workspace, flowId));
    return item && flowRecord(item);
  }

  async readMany(workspace: string, flowIds: readonly string[]): Promise<FlowRecord[]> {
    const items = await this.#table.getMany(flowIds.map((flowId) => keys.flow(workspace, flowId)));
    return items.map(flowRecord);
  }

  /** The workspace's flows by id. */
  async entries(workspace: string): Promise<FlowEntry[]> {
    const entries: FlowEntry[] = [];
    for await (const item of this.#table.query({ key: within(keys.workspace(workspace).PK, "FLOW#") })) {
      entries.push(item as unknown as FlowEntry);
    }
    return entries;
  }

  /** Writes the flow, its hold item and its line in the list at once; false where the flow exists. */
  async create(flow: FlowRecord): Promise<boolean> {
    const { workspace, flowId, incarnation, createdAt } = flow;
    const entry: FlowEntry = { flowId, incarnation, createdAt };
    const ConditionExpression = "attribute_not_exists(PK)";
    return this.#transacted((TableName) => [
      { Put: { TableName, Item: { ...keys.flow(workspace, flowId), ...flow }, ConditionExpression } },
      { Put: { TableName, Item: holdItem(flow) } },
      { Put: { TableName, Item: { ...keys.flowEntry(workspace, flowId), ...entry } } },
    ]);
  }

  /** New name or description of the flow as it was read, at the same rev; false where it has moved. */
  async describe(
    was: FlowRecord,
    text: Pick<FlowRecord, "name" | "description" | "updatedAt">,
  ): Promise<boolean> {
    const { ok } = await this.#table.update(keys.flow(was.workspace, was.flowId), {
      set: text,
      when: [{ text: UNCHANGED.text, values: UNCHANGED.values(was) }],
    });
    return ok;
  }

  /**
   * The flow as read becomes `next`, with the copy that gates read and its audit entries, whose last has `next`'s rev; false
   * where it has moved in between. An answer that was lost is settled by reading: our own write counts.
   */
  async change(was: FlowRecord, next: FlowRecord, ...audit: readonly AuditItem[]): Promise<boolean> {
    const { workspace, flowId, incarnation } = next;
    const op = randomIds.unique();
    const { set, remove } = differences(was, next);
    const due = dueAttributes(next);
    const update: Change = {
      set: { ...set, ...due.set, op },
      remove: [...remove, ...due.remove],
      when: [{ text: UNCHANGED.text, values: UNCHANGED.values(was) }],
    };
    const own = async () => (await this.#table.get(keys.flow(workspace, flowId)))?.["op"] === op;
    try {
      const written = await this.#transacted((TableName) => [
        { Update: { TableName, Key: keys.flow(workspace, flowId), ...updateExpression(update) } },
        { Put: { TableName, Item: holdItem(next) } },
        ...audit.map((entry) => ({
          Put: {
            TableName,
            Item: { ...keys.flowAudit(workspace, flowId, incarnation, entry.rev), ...entry },
          },
        })),
      ]);
      return written || (await own());
    } catch (error) {
      if (await own()) return true;
      throw error;
    }
  }

  /** The drain's next look or attempt, while its epoch and attempt are those that were read; no new rev. */
  async moveDrain(was: FlowRecord, drain: DrainIntent): Promise<boolean> {
    const due = dueAttributes({ ...was, drain });
    return this.#drain(was, { set: { drain, ...due.set }, remove: due.remove });
  }

  /** Nothing is left to drain. */
  async endDrain(was: FlowRecord): Promise<boolean> {
    const { drain: _done, ...rest } = was;
    const due = dueAttributes(rest);
    return this.#drain(was, { set: due.set, remove: ["drain", ...due.remove] });
  }

  /** Sets the flow's place among due things right, where the index brought it up too early. */
  async settleDue(was: FlowRecord): Promise<void> {
    const due = dueAttributes(was);
    const when = [{ text: UNCHANGED.text, values: UNCHANGED.values(was) }];
    await this.#table.update(keys.flow(was.workspace, was.flowId), { ...due, when });
  }

  async #drain(was: FlowRecord, change: Omit<Change, "when">): Promise<boolean> {
    const { ok } = await this.#table.update(keys.flow(was.workspace, was.flowId), {
      ...change,
      when: [
        { text: UNCHANGED.text, values: UNCHANGED.values(was) },
        {
          text: "drain.epoch = :epoch AND drain.attempt = :attempt",
          values: { ":epoch": was.drain?.epoch ?? -1, ":attempt": was.drain?.attempt ?? -1 },
        },
      ],
    });
    return ok;
  }

  /** Closes the flow for dispatches, or opens it again; false where it has moved or is gone. */
  async setDeleting(flow: FlowRecord, deleting: boolean): Promise<boolean> {
    const { ok } = await this.#table.update(keys.flow(flow.workspace, flow.flowId), {
      ...(deleting ? { set: { deleting: true } } : { remove: ["deleting"] }),
      when: [
        {
          text: "rev = :was AND incarnation = :incarnation",
          values: { ":was": flow.rev, ":incarnation": flow.incarnation },
        },
      ],
    });
    return ok;
  }

  /** Audit entries newest first, from below `before` on. */
  async audit(flow: FlowRecord, limit: number, before?: number): Promise<AuditItem[]> {
    const { PK } = keys.flow(flow.workspace, flow.flowId);
    const sortOf = (rev: number) => keys.flowAudit(flow.workspace, flow.flowId, flow.incarnation, rev).SK;
    const page = await this.#table.queryPage({
      key: {
        text: "PK = :partition AND SK BETWEEN :first AND :last",
        values: { ":partition": PK, ":first": sortOf(0), ":last": sortOf((before ?? MAX_REV) - 1) },
      },
      newestFirst: true,
      limit,
    });
    return page.items.map(({ PK: _partition, SK: _sort, ...entry }) => entry as unknown as AuditItem);
  }

  /**
   * Deletes everything of a flow whose machines are gone, and nothing of one made since under the same id. The flow's own
   * item goes last, so that a deletion that died is found and continued.
   */
  async purge(flow: FlowRecord): Promise<void> {
    const { workspace, flowId, incarnation } = flow;
    const { PK } = keys.flow(workspace, flowId);
    const all = { text: "PK = :partition", values: { ":partition": PK } };
    for await (const item of this.#table.query({ key: all, keysOnly: true })) {
      const SK = String(item["SK"]);
      if (SK.includes(`#${incarnation}#`)) await this.#table.delete({ PK, SK });
    }
    for (const key of besideFlow(flow)) await this.#table.delete(key);
    const own = {
      ConditionExpression: "incarnation = :incarnation",
      ExpressionAttributeValues: { ":incarnation": incarnation },
    };
    await this.#transacted((TableName) => [
      { Delete: { TableName, Key: keys.flowEntry(workspace, flowId), ...own } },
      { Delete: { TableName, Key: keys.flow(workspace, flowId), ...own } },
    ]);
  }

  async #transacted(writes: Parameters<Table["transact"]>[0]): Promise<boolean> {
    try {
      await this.#table.transact(writes);
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const refused = error.CancellationReasons?.some((reason) => reason.Code === "ConditionalCheckFailed");
      const conflict = error.CancellationReasons?.some((reason) => reason.Code === "TransactionConflict");
      if (refused === true || conflict === true) return false;
      throw error;
    }
  }
}

/** What stands in partitions of its own since it is written or read often: the hold item, the counters, the meters. */
const besideFlow = ({ workspace, flowId, incarnation }: FlowRecord): ItemKey[] => [
  ...Array.from({ length: INDEX_SHARDS }, (_, shard) => keys.counter(workspace, flowId, incarnation, shard)),
  ...["throughput", "spend"].map((meter) => keys.meter(workspace, flowId, incarnation, meter)),
  keys.hold(workspace, flowId, incarnation),
];

/** One more than any rev that a key can hold. */
const MAX_REV = 1_000_000_000;
