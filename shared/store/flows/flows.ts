import type { Canary } from "../../model/holds/canary.ts";
import { randomIds } from "../../model/ids.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import { between, type Change, type Clause, updateExpression, within } from "../expressions.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { DrainIntent, FlowItem, Recount } from "./flow-item.ts";
import { differences, dueAttributes, flowItemOf, holdItem } from "./flow-item.ts";

/** A flow's entry in its workspace's list: the attributes that never change. */
export interface FlowEntry {
  readonly flowId: string;
  readonly incarnation: string;
  readonly createdAt: string;
}

/** The flow's canary has the runs that were read. */
const sameRound = ({ canary }: FlowItem): Clause[] =>
  canary === undefined ? [] : [{ text: "canary.round = :seenRound", values: { ":seenRound": canary.round } }];

/** The flow is unchanged since it was read, and is not being deleted. */
const unchanged = (was: FlowItem): Clause => ({
  text: "rev = :was AND incarnation = :incarnation AND attribute_not_exists(deleting)",
  values: { ":was": was.rev, ":incarnation": was.incarnation },
});

/** The drain is still in that attempt, too. */
const ofDrain = (was: FlowItem): Clause[] => [
  unchanged(was),
  {
    text: "drain.epoch = :epoch AND drain.attempt = :attempt",
    values: { ":epoch": was.drain?.epoch ?? -1, ":attempt": was.drain?.attempt ?? -1 },
  },
];

/** Reads and writes flow items, each with its hold item, its entry in the list and its audit. */
export class FlowStore extends TableStore {
  /** Returns the flow, even while it is being deleted (`deleting`). */
  read(workspace: string, flowId: string): Promise<FlowItem | undefined> {
    return this.table.read(keys.flow(workspace, flowId), flowItemOf);
  }

  async readMany(workspace: string, flowIds: readonly string[]): Promise<FlowItem[]> {
    const items = await this.table.getMany(flowIds.map((flowId) => keys.flow(workspace, flowId)));
    return items.map(flowItemOf);
  }

  /** Returns the workspace's flows, ordered by id. */
  async entries(workspace: string): Promise<FlowEntry[]> {
    const entries: FlowEntry[] = [];
    for await (const item of this.table.query({ key: within(keys.workspace(workspace).PK, "FLOW#") })) {
      entries.push(item as unknown as FlowEntry);
    }
    return entries;
  }

  /** Writes the flow, its hold item and its entry in the list in one transaction. Returns false if the flow exists. */
  async create(flow: FlowItem): Promise<boolean> {
    const { workspace, flowId, incarnation, createdAt } = flow;
    const entry: FlowEntry = { flowId, incarnation, createdAt };
    const ConditionExpression = "attribute_not_exists(PK)";
    const due = dueAttributes(flow);
    return this.table.tryTransact((TableName) => [
      {
        Put: {
          TableName,
          Item: { ...keys.flow(workspace, flowId), ...flow, ...due.set },
          ConditionExpression,
        },
      },
      { Put: { TableName, Item: holdItem(flow) } },
      { Put: { TableName, Item: { ...keys.flowEntry(workspace, flowId), ...entry } } },
    ]);
  }

  /** Changes name or description at the same rev. Returns false if the flow has changed since it was read. */
  async updateDescription(
    was: FlowItem,
    text: Pick<FlowItem, "name" | "description" | "updatedAt">,
  ): Promise<boolean> {
    const { ok } = await this.table.update(keys.flow(was.workspace, was.flowId), {
      set: text,
      when: [unchanged(was)],
    });
    return ok;
  }

  /**
   * Replaces the flow as it was read with `next`, together with its hold item and audit entries, the last of which has `next`'s
   * rev. Returns false if the flow has changed since it was read. If the response is lost, it reads the flow to see whether
   * this write took effect.
   */
  async change(was: FlowItem, next: FlowItem, ...audit: readonly AuditItem[]): Promise<boolean> {
    const { workspace, flowId, incarnation } = next;
    const op = randomIds.unique();
    const { set, remove } = differences(was, next);
    const due = dueAttributes(next);
    const update: Change = {
      set: { ...set, ...due.set, op },
      remove: [...remove, ...due.remove],
      // The runs of a canary are noted at the same revision.
      when: [unchanged(was), ...(set["canary"] === undefined ? [] : sameRound(was))],
    };
    const own = async () => (await this.table.get(keys.flow(workspace, flowId)))?.["op"] === op;
    try {
      const written = await this.table.tryTransact((TableName) => [
        { Update: { TableName, Key: keys.flow(workspace, flowId), ...updateExpression(update) } },
        { Put: { TableName, Item: holdItem(next) } },
        ...audit.map((entry) => ({
          Put: {
            TableName,
            // The flow's id lets the stream's filter distinguish a flow's entries from those of runs.
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

  /** Sets the drain's next check or attempt at the same rev, if its epoch and attempt are still those that were read. */
  async rescheduleDrain(was: FlowItem, drain: DrainIntent): Promise<boolean> {
    const due = dueAttributes({ ...was, drain });
    return this.#drain(was, { set: { drain, ...due.set }, remove: due.remove });
  }

  /** Stores the runs of the flow's canary, at the same rev. Returns undefined if it has other runs by now, or another drain. */
  async noteCanary<Flow extends FlowItem>(was: Flow, canary: Canary): Promise<Flow | undefined> {
    const written = await this.#drain(
      was,
      { set: { canary } },
      {
        text: "canary.id = :canary AND canary.round = :round",
        values: { ":canary": canary.id, ":round": canary.round - 1 },
      },
    );
    return written ? { ...was, canary } : undefined;
  }

  /** Ends the drain and schedules a recount of the queue. */
  async endDrain(was: FlowItem, recount: Recount): Promise<boolean> {
    const { drain: _done, ...rest } = was;
    const due = dueAttributes({ ...rest, recount });
    // Nobody waits for a slot any more.
    const limit = was.caps.concurrency == null ? ["limited"] : [];
    return this.#drain(was, { set: { recount, ...due.set }, remove: ["drain", ...limit, ...due.remove] });
  }

  /**
   * Records that the runs under way have slots of the flow's limit, unless that has changed again. `withDrain`: also ends the drain, which
   * has nothing else to do, if it is still the one that was read. Returns the flow afterwards, or undefined.
   */
  async endCount(was: FlowItem, withDrain: boolean): Promise<FlowItem | undefined> {
    const { uncounted, drain, ...counted } = was;
    const own: Clause = { text: "uncounted = :uncounted", values: { ":uncounted": uncounted ?? "" } };
    if (withDrain) {
      const due = dueAttributes(counted);
      const change = { set: due.set, remove: ["uncounted", "drain", ...due.remove] };
      return (await this.#drain(was, change, own)) ? counted : undefined;
    }
    const change: Change = { remove: ["uncounted"], when: [own] };
    const { ok } = await this.table.update(keys.flow(was.workspace, was.flowId), change);
    return ok ? { ...counted, ...(drain === undefined ? {} : { drain }) } : undefined;
  }

  /** Sets or removes the queue's next recount at the same rev, unless it was counted since the flow was read. */
  async rescheduleRecount(was: FlowItem, recount: Recount | undefined): Promise<boolean> {
    const { recount: counted, ...rest } = was;
    const due = dueAttributes(recount === undefined ? rest : { ...rest, recount });
    const { ok } = await this.table.update(keys.flow(was.workspace, was.flowId), {
      set: { ...(recount === undefined ? {} : { recount }), ...due.set },
      remove: [...(recount === undefined ? ["recount"] : []), ...due.remove],
      when: [unchanged(was), { text: "recount.due = :counted", values: { ":counted": counted?.due ?? "" } }],
    });
    return ok;
  }

  /** Sets the attachment's next check at the same rev, unless somebody has changed the attachment since the flow was read. */
  async rescheduleAttachment(was: FlowItem, due: string): Promise<boolean> {
    const { attachment } = was;
    if (attachment === undefined) return false;
    const next = { ...attachment, due };
    const index = dueAttributes({ ...was, attachment: next });
    const { ok } = await this.table.update(keys.flow(was.workspace, was.flowId), {
      ...{ set: { attachment: next, ...index.set }, remove: index.remove },
      when: [
        unchanged(was),
        { text: "attachment.due = :checked", values: { ":checked": attachment.due ?? "" } },
      ],
    });
    return ok;
  }

  /** Corrects the flow's due time after the index returned the flow too early. */
  async settleDue(was: FlowItem): Promise<void> {
    const due = dueAttributes(was);
    const when = [unchanged(was)];
    await this.table.update(keys.flow(was.workspace, was.flowId), { ...due, when });
  }

  async #drain(was: FlowItem, change: Omit<Change, "when">, ...more: Clause[]): Promise<boolean> {
    const { ok } = await this.table.update(keys.flow(was.workspace, was.flowId), {
      ...change,
      when: [...ofDrain(was), ...more],
    });
    return ok;
  }

  /** Returns audit entries with revisions below `before`, newest first. */
  async audit(flow: FlowItem, limit: number, before?: number): Promise<AuditItem[]> {
    const { PK } = keys.flow(flow.workspace, flow.flowId);
    const sortOf = (rev: number) => keys.flowAudit(flow.workspace, flow.flowId, flow.incarnation, rev).SK;
    const items = await this.table.first({
      key: between(PK, sortOf(0), sortOf((before ?? MAX_REV) - 1)),
      newestFirst: true,
      limit,
    });
    return items.map(auditEntry);
  }
}

/** Reads an audit entry from its stored item. */
const auditEntry = ({ PK: _partition, SK: _sort, flowId: _flow, ...entry }: Item): AuditItem =>
  entry as unknown as AuditItem;

/** Greater than any rev in a key. */
const MAX_REV = 1_000_000_000;
