import { shardOf } from "../../model/ids.ts";
import type { FlowIdentity } from "../flows/flow-item.ts";
import type { Item, ItemKey } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";

/** A key of a flow's concurrency limit. Without a key expression, a flow has one. */
export interface SlotKey {
  /** A hash of the limit's expression and the key's value. */
  readonly id: string;
  /** The expression that gave the value. */
  readonly by?: string;
  /** The value as text, for people. Absent for records whose payload has none. */
  readonly key?: string;
}

/** The slots of one key: which runs hold them, and whether others wait. */
export interface SlotItem extends SlotKey {
  /** The runs that hold a slot, with the time of their claim (epoch milliseconds). A claim that is repeated renews it. */
  readonly holders: Readonly<Record<string, number>>;
  /** Runs may wait in the key's queue. It changes with each record that begins to wait, so that nobody clears it unseen. */
  readonly waiting?: string;
  /** When the sweeper looks at it. ISO 8601. */
  readonly due: string;
}

export const slotItemKey = ({ workspace, flowId, incarnation }: FlowIdentity, id: string): ItemKey =>
  keys.slots(workspace, flowId, incarnation, shardOf(id, INDEX_SHARDS), id);

export const slotItemOf = (item: Item): SlotItem => {
  const { PK: _partition, SK: id, dueKey: _dueKey, ...slots } = item;
  return { ...slots, id } as unknown as SlotItem;
};

/** Returns the place in the index of due items. */
export const slotsDue = (id: string, due: string): { readonly dueKey: string; readonly due: string } => ({
  dueKey: indexKeys.due(shardOf(id, INDEX_SHARDS)),
  due,
});

export const usedSlots = ({ holders }: Pick<SlotItem, "holders">): number => Object.keys(holders).length;
