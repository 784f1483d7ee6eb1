import { isDeepStrictEqual } from "node:util";
import { shardOf } from "../../model/ids.ts";
import type { Item, ItemKey } from "../client.ts";
import type { FlowItem, HoldItem } from "../records.ts";
import { INDEX_SHARDS, indexKeys, keys } from "../table.ts";

/** What the item has beside the record; `op` marks the last change, so that a retried write knows its own. */
export const flowItemOf = (item: Item): FlowItem => {
  const { PK: _partition, SK: _sort, dueKey: _dueKey, due: _due, op: _op, ...record } = item;
  return record as unknown as FlowItem;
};

/** The copy of the flow that every gate reads. */
export const holdItem = (flow: FlowItem): Item & ItemKey => {
  const { workspace, flowId, incarnation, holds, mode, epoch, caps } = flow;
  const hold: HoldItem = { incarnation, holds, mode, epoch, caps };
  return { ...keys.hold(workspace, flowId, incarnation), ...hold };
};

/** What a change writes: only what differs, so that what others write beside it, at the same rev, stays. */
export const differences = (was: FlowItem, next: FlowItem): { set: Item; remove: string[] } => {
  const before: Item = { ...was };
  const after: Item = { ...next };
  const changed = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return {
    set: Object.fromEntries(changed.map((name) => [name, after[name]])),
    remove: Object.keys(before).filter((name) => before[name] !== undefined && after[name] === undefined),
  };
};

/** When the sweeper has to look at the flow: the earliest end of a hold, its drain's next look, or its queue's next count. */
export const dueAttributes = (flow: FlowItem): { set: Item; remove: string[] } => {
  const ends = Object.values(flow.holds).map((hold) => hold.resumeAt);
  const due = [...ends, flow.drain?.due, flow.recount?.due].filter((time) => time !== undefined).sort()[0];
  if (due === undefined) return { set: {}, remove: ["dueKey", "due"] };
  return { set: { dueKey: indexKeys.due(shardOf(flow.flowId, INDEX_SHARDS)), due }, remove: [] };
};
