import { randomIds } from "../../model/ids.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import { type Change, updateExpression, within } from "../expressions.ts";
import { keys } from "../keys.ts";
import type { Item, Table } from "../table.ts";
import type { DrainIntent, FlowItem, Recount } from "./flow-item.ts";
import { differences, dueAttributes, flowItemOf, holdItem } from "./flow-item.ts";

/** A flow's line in its workspace's list: what never changes. */
export interface FlowEntry {
  readonly flowId: string;
  readonly incarnation: string;
  readonly createdAt: string;
}

/** Both hold a flow exactly as it was read. */
const UNCHANGED = {
  text: "rev = :was AND incarnation = :incarnation AND attribute_not_exists(deleting)",
  values: (was: FlowItem) => ({ ":was": was.rev, ":incarnation": was.incarnation }),
};

/** The flow item and what is written with it: its hold item, its line in the list, its audit. */
export class FlowStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** The flow, one that is being deleted (`deleting`) included. */
  async read(workspace: string, flowId: string): Promise<FlowItem | undefined> {
    const item = await this.#table.get(keys.flow(workspace, flowId));
    return item && flowItemOf(item);
  }

  async readMany(workspace: string, flowIds: readonly string[]): Promise<FlowItem[]> {
    const items = await this.#table.getMany(flowIds.map((flowId) => keys.flow(workspace, flowId)));
    return items.map(flowItemOf);
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
  async create(flow: FlowItem): Promise<boolean> {
    const { workspace, flowId, incarnation, createdAt } = flow;
    const entry: FlowEntry = { flowId, incarnation, createdAt };
    const ConditionExpression = "attribute_not_exists(PK)";
    return this.#table.tryTransact((TableName) => [
      { Put: { TableName, Item: { ...keys.flow(workspace, flowId), ...flow }, ConditionExpression } },
      { Put: { TableName, Item: holdItem(flow) } },
      { Put: { TableName, Item: { ...keys.flowEntry(workspace, flowId), ...entry } } },
    ]);
  }

  /** New name or description of the flow as it was read, at the same rev; false where it has moved. */
  async updateDescription(
    was: FlowItem,
    text: Pick<FlowItem, "name" | "description" | "updatedAt">,
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
  async change(was: FlowItem, next: FlowItem, ...audit: readonly AuditItem[]): Promise<boolean> {
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
      const written = await this.#table.tryTransact((TableName) => [
        { Update: { TableName, Key: keys.flow(workspace, flowId), ...updateExpression(update) } },
        { Put: { TableName, Item: holdItem(next) } },
        ...audit.map((entry) => ({
          Put: {
            TableName,
            // The flow's id is what the stream's filter knows a flow's entry by, among the entries of runs.
            Item: { ...keys.flowAudit(workspace, flowId, incarnation, entry.rev), flowId, ...entry },
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
  async rescheduleDrain(was: FlowItem, drain: DrainIntent): Promise<boolean> {
    const due = dueAttributes({ ...was, drain });
    return this.#drain(was, { set: { drain, ...due.set }, remove: due.remove });
  }

  /** Nothing is left to drain; the queue is counted once more. */
  async endDrain(was: FlowItem, recount: Recount): Promise<boolean> {
    const { drain: _done, ...rest } = was;
    const due = dueAttributes({ ...rest, recount });
    return this.#drain(was, { set: { recount, ...due.set }, remove: ["drain", ...due.remove] });
  }

  /** The queue's next count, or none, while nobody has counted since; no new rev. */
  async rescheduleRecount(was: FlowItem, recount: Recount | undefined): Promise<boolean> {
    const { recount: counted, ...rest } = was;
    const due = dueAttributes(recount === undefined ? rest : { ...rest, recount });
    const { ok } = await this.#table.update(keys.flow(was.workspace, was.flowId), {
      set: { ...(recount === undefined ? {} : { recount }), ...due.set },
      remove: [...(recount === undefined ? ["recount"] : []), ...due.remove],
      when: [
        { text: UNCHANGED.text, values: UNCHANGED.values(was) },
        { text: "recount.due = :counted", values: { ":counted": counted?.due ?? "" } },
      ],
    });
    return ok;
  }

  /** Sets the flow's place among due things right, where the index brought it up too early. */
  async settleDue(was: FlowItem): Promise<void> {
    const due = dueAttributes(was);
    const when = [{ text: UNCHANGED.text, values: UNCHANGED.values(was) }];
    await this.#table.update(keys.flow(was.workspace, was.flowId), { ...due, when });
  }

  async #drain(was: FlowItem, change: Omit<Change, "when">): Promise<boolean> {
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

  /** Audit entries newest first, from below `before` on. */
  async audit(flow: FlowItem, limit: number, before?: number): Promise<AuditItem[]> {
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
    return page.items.map(auditEntry);
  }
}

/** The audit entry in its item. */
const auditEntry = ({ PK: _partition, SK: _sort, flowId: _flow, ...entry }: Item): AuditItem =>
  entry as unknown as AuditItem;

/** One more than any rev that a key can hold. */
const MAX_REV = 1_000_000_000;
