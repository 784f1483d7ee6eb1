import { type Change, type Clause, wholePartition } from "../expressions.ts";
import type { FlowIdentity } from "../flows/flow-item.ts";
import type { ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { SHARDS } from "../table-definition.ts";
import { type SlotItem, type SlotKey, slotItemKey, slotItemOf, slotsDue } from "./slot-item.ts";

/** A claim of a slot, in epoch milliseconds and ISO 8601. */
export interface SlotClaim {
  readonly runId: string;
  readonly limit: number;
  readonly now: number;
  readonly due: string;
  /** Refused while others wait, so that nobody overtakes them. */
  readonly behindOthers: boolean;
}

/** The item of a key after a claim that succeeded, or as it was when the claim was refused. */
export interface Claimed {
  readonly ok: boolean;
  readonly slots: SlotItem;
}

/** Attempts of a claim. Each refusal without an item means that it has just been created or deleted. */
const TRIES = 10;

/**
 * The slots of concurrency limits, one item for each key. A slot is a run's name in it, so a claim or a release that is repeated
 * changes nothing more. Conditions, not reads, decide.
 */
export class SlotStore extends TableStore {
  async get(flow: FlowIdentity, id: string): Promise<SlotItem | undefined> {
    return this.table.read(slotItemKey(flow, id), slotItemOf);
  }

  /**
   * Claims a slot for the run. A run that has one keeps it, even above the limit, and the time of its claim is renewed: whoever found the
   * earlier claim outdated does not remove this one.
   */
  async claim(flow: FlowIdentity, key: SlotKey, claim: SlotClaim): Promise<Claimed> {
    const { runId, now, due } = claim;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const written = await this.table.update(slotItemKey(flow, key.id), {
        set: { [`holders.${runId}`]: now, ...slotsDue(key.id, due) },
        when: [mayClaim(claim)],
      });
      if (written.ok) return { ok: true, slots: slotItemOf(written.item) };
      if (written.old !== undefined) return { ok: false, slots: slotItemOf(written.old) };
      const first = { ...key, holders: { [runId]: now }, due };
      if (await this.#create(flow, first)) return { ok: true, slots: first };
    }
    throw new Error("The slots of a key are created and deleted too fast");
  }

  /** Releases the run's slot, and returns the item; undefined if there is none. */
  async release(flow: FlowIdentity, id: string, runId: string, due: string): Promise<SlotItem | undefined> {
    const written = await this.table.update(slotItemKey(flow, id), {
      set: slotsDue(id, due),
      remove: [`holders.${runId}`],
      when: [holds(runId)],
    });
    if (written.ok) return slotItemOf(written.item);
    return written.old && slotItemOf(written.old);
  }

  /** Removes a claim that nobody has renewed since (epoch milliseconds). */
  async reclaim(flow: FlowIdentity, id: string, runId: string, since: number): Promise<boolean> {
    const { ok } = await this.table.update(slotItemKey(flow, id), {
      remove: [`holders.${runId}`],
      when: [
        {
          text: "holders.#run = :since",
          names: { "#run": runId },
          values: { ":since": since },
        },
      ],
    });
    return ok;
  }

  /** Records that a run waits, and returns the item afterwards. Called after the run is in the key's queue. */
  async announce(flow: FlowIdentity, key: SlotKey, nonce: string, due: string): Promise<SlotItem> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const written = await this.table.update(slotItemKey(flow, key.id), {
        set: { waiting: nonce, ...slotsDue(key.id, due) },
        when: [EXISTS],
      });
      if (written.ok) return slotItemOf(written.item);
      const first = { ...key, holders: {}, waiting: nonce, due };
      if (await this.#create(flow, first)) return first;
    }
    throw new Error("The slots of a key are created and deleted too fast");
  }

  /** Records that nobody waits, unless somebody has begun to since the item was read. */
  async settle(flow: FlowIdentity, { id, waiting }: SlotItem): Promise<void> {
    if (waiting === undefined) return;
    await this.table.update(slotItemKey(flow, id), { remove: ["waiting"], when: [waitsAs(waiting)] });
  }

  /** Sets the sweeper's next look, unless somebody has claimed or released a slot since the item was read. */
  async reschedule(flow: FlowIdentity, { id, due }: SlotItem, next: string): Promise<void> {
    await this.table.update(slotItemKey(flow, id), { set: slotsDue(id, next), when: [dueAt(due)] });
  }

  /** Deletes the item of a key that has not been used since it was read. Returns false if it has, or if a run holds a slot or waits. */
  removeUnused(flow: FlowIdentity, { id, due }: SlotItem): Promise<boolean> {
    return this.table.deleteIf(slotItemKey(flow, id), {
      text: "size(holders) = :none AND attribute_not_exists(waiting) AND due = :due",
      values: { ":none": 0, ":due": due },
    });
  }

  /** Returns the flow's keys, in no particular order. */
  async *ofFlow(flow: FlowIdentity): AsyncGenerator<SlotItem> {
    for (const shard of SHARDS) {
      const key = wholePartition(partition(flow, shard));
      for await (const item of this.table.query({ key })) yield slotItemOf(item);
    }
  }

  /** Deletes the items of a deleted flow's keys. */
  async purge(flow: FlowIdentity): Promise<void> {
    for (const shard of SHARDS) {
      const found: ItemKey[] = [];
      const key = wholePartition(partition(flow, shard));
      for await (const { PK, SK } of this.table.query({ key, keysOnly: true }))
        found.push({ PK: String(PK), SK: String(SK) });
      await this.table.deleteMany(found);
    }
  }

  #create(flow: FlowIdentity, { id, ...slots }: SlotItem): Promise<boolean> {
    return this.table.putIfAbsent({ ...slotItemKey(flow, id), ...slots, ...slotsDue(id, slots.due) });
  }
}

const partition = ({ workspace, flowId, incarnation }: FlowIdentity, shard: number): string =>
  keys.slots(workspace, flowId, incarnation, shard, "").PK;

const EXISTS: Clause = { text: "attribute_exists(PK)" };

const holds = (runId: string): Clause => ({
  text: "attribute_exists(holders.#run)",
  names: { "#run": runId },
});

const mayClaim = ({ runId, limit, behindOthers }: SlotClaim): Change["when"][number] => {
  const { text, names } = holds(runId);
  const alone = behindOthers ? " AND attribute_not_exists(waiting)" : "";
  return {
    text: `${text} OR (attribute_exists(PK) AND size(holders) < :limit${alone})`,
    ...(names === undefined ? {} : { names }),
    values: { ":limit": limit },
  };
};

const waitsAs = (nonce: string): Clause => ({ text: "waiting = :nonce", values: { ":nonce": nonce } });

const dueAt = (due: string): Clause => ({ text: "due = :due", values: { ":due": due } });
