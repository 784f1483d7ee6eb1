import { isDeepStrictEqual } from "node:util";
import type { Actor } from "../../model/actor.ts";
import { shardOf } from "../../model/ids.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import { indexKeys, keys } from "../keys.ts";
import type { Item, ItemKey } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { HoldItem, Holds } from "./holds.ts";

export interface FlowItem {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly name: string;
  readonly description: string;
  readonly runAs: "user" | "system";
  /** The active version, 0 while there are only drafts. */
  readonly version: number;
  readonly rev: number;
  readonly epoch: number;
  readonly mode: "queue" | "reject";
  readonly holds: Holds;
  readonly caps: Caps;
  readonly drain?: DrainIntent;
  readonly recount?: Recount;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Set while the flow is being deleted: nothing is dispatched any more. */
  readonly deleting?: boolean;
  /** Who deletes it, since when. ISO 8601. */
  readonly deletion?: { readonly at: string; readonly actor: Actor };
}
/** Which flow: the one from its creation to its deletion. */
export type FlowIdentity = Pick<FlowItem, "workspace" | "flowId" | "incarnation">;

/** What is left to do after the last hold went: wake what is parked, start what is queued. */
export interface DrainIntent {
  /** The epoch that it belongs to; a later one makes it void. */
  readonly epoch: number;
  /** Of its execution's name: a name is burnt for 90 days, also by a failure. */
  readonly attempt: number;
  /** Starts a second. */
  readonly rate: number;
  /** When the sweeper looks whether it goes on. ISO 8601. */
  readonly due: string;
  /** When the last hold went. ISO 8601. */
  readonly since: string;
}

/** When the queue is next counted again, and what it was like, with its counter, when they last did not agree. */
export interface Recount {
  /** ISO 8601. */
  readonly due: string;
  readonly seen?: string;
}

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
