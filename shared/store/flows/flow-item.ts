import { isDeepStrictEqual } from "node:util";
import type { Actor } from "../../model/actor.ts";
import type { Canary } from "../../model/holds/canary.ts";
import { type Holds, type PartialHolds, standingHolds } from "../../model/holds/hold.ts";
import type { Ramp } from "../../model/holds/ramp.ts";
import { shardOf } from "../../model/ids.ts";
import type { AliasRoute } from "../../model/machines/alias-route.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import type { Item, ItemKey } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { HoldItem } from "./holds.ts";

export interface FlowItem {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly name: string;
  readonly description: string;
  readonly runAs: "user" | "system";
  /** The active version; 0 while there are only drafts. */
  readonly version: number;
  /** The expressions of new runs' attributes, by name: those of the active version. */
  readonly index?: Readonly<Record<string, string>>;
  /** How long a run of the active version is expected to last, an ISO 8601 duration. */
  readonly expect?: string;
  readonly rev: number;
  readonly epoch: number;
  readonly mode: "queue" | "reject";
  readonly holds: Holds;
  /** Holds on some states, by id. */
  readonly partialHolds?: PartialHolds;
  /** Absent: a run whose step fails for good becomes `failed`. */
  readonly onFailure?: "pause";
  readonly caps: Caps;
  /** The epoch in which the error cap's last hold was lifted. Failures are counted anew from then on. */
  readonly errorsEra?: number;
  /** The flow has or had a concurrency limit, so its drains look for runs that wait for a slot. */
  readonly limited?: true;
  /** A concurrency limit was set, or its key changed, and the runs under way have not been given its slots yet: a nonce of that change. */
  readonly uncounted?: string;
  readonly drain?: DrainIntent;
  /** The last canary. Its state says whether it still lets its runs through. */
  readonly canary?: Canary;
  /** While its drain is slower than it will be. New records are queued. */
  readonly ramp?: Ramp;
  /** Ids of the last holds of incidents that were lifted. They are never placed again. */
  readonly liftedIncidents?: readonly string[];
  readonly scheduledPause?: ScheduledPause;
  readonly recount?: Recount;
  /** The state machine that the flow is attached to. */
  readonly attachment?: Attachment;
  /** The version that a template deploys, in a flow whose machine's text comes from one. */
  readonly registration?: Registration;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Idempotency keys sent to an earlier flow with the same id mean nothing to this one. Absent in flows of release 0.1. */
  readonly ownKeys?: boolean;
  /** Set while the flow is being deleted: it accepts no records. */
  readonly deleting?: boolean;
  /** The actor that deletes it, and when the deletion began (ISO 8601). */
  readonly deletion?: { readonly at: string; readonly actor: Actor };
}
/** An attached state machine, and the definition that Sluice writes into it. */
export interface Attachment {
  readonly machineArn: string;
  readonly whenUnreachable: "pass" | "fail";
  /** The version that Sluice wrote last, and the hash of its definition. Absent until the first one is written. */
  readonly text?: { readonly version: number; readonly hash: string };
  /** The intent to write another version. It may already be in the machine. */
  readonly writing?: { readonly version: number; readonly hash: string };
  /** The aliases that were moved to a version with gates, or are about to be. */
  readonly aliases?: readonly MovedAlias[];
  /** The intent to restore the original definition. New executions are left alone. */
  readonly detaching?: boolean;
  /** The same, after the last search for open runs: it can no longer be taken back. */
  readonly restoring?: boolean;
  /** When the sweeper looks at it next. ISO 8601. */
  readonly due?: string;
  /** A template has written the text, and Sluice never writes another. */
  readonly registered?: boolean;
  /** The machine that this one has replaced in its template. Its executions are left alone. */
  readonly former?: string;
}

/** An alias of an attached machine that Sluice has pointed to a version with gates. */
export interface MovedAlias {
  readonly name: string;
  /** The versions to which it pointed before. Detaching moves it back. */
  readonly from: readonly AliasRoute[];
  /** ARNs of the machine's versions with gates to which Sluice has moved it, newest first. */
  readonly to: readonly string[];
  /** The flow version of the newest one's gates. */
  readonly version: number;
  /** Hash of the definition without gates when it was moved. */
  readonly original: string;
  /** The definition has changed since it was moved first, so `from` is out of date. */
  readonly renewed?: boolean;
  /** Somebody else has moved it, and attaching again did not ask for it. */
  readonly left?: boolean;
}

/** The latest registration. Its text may already be deployed in the machine, or not yet. */
interface Registration {
  readonly version: number;
  readonly whenUnreachable: "pass" | "fail";
  /** The CloudFormation stack that the flow belongs to. */
  readonly stack?: string;
}

/** Identifies a flow between its creation and its deletion. */
export type FlowIdentity = Pick<FlowItem, "workspace" | "flowId" | "incarnation">;

/** The work that remains after the last hold is lifted, waking parked runs and starting queued records, or the work of a canary before that. */
export interface DrainIntent {
  /** The epoch that it belongs to; a later epoch voids it. */
  readonly epoch: number;
  /** Part of its execution's name, because Step Functions reserves a name for 90 days, even that of a failed execution. */
  readonly attempt: number;
  /** Starts per second. */
  readonly rate: number;
  /** When the sweeper checks that the drain is running. ISO 8601. */
  readonly due: string;
  /** When the last hold was lifted, or the ramp ended: what kept records in the queue until then. ISO 8601. */
  readonly since: string;
}

/** A pause that begins by itself. */
export interface ScheduledPause {
  /** Identifies the plan. The hold gets an id of its own when it begins. */
  readonly id: string;
  /** ISO 8601. */
  readonly startAt: string;
  /** When the hold ends by itself. ISO 8601. */
  readonly resumeAt: string;
  readonly mode: FlowItem["mode"] | "finish";
  /** How long runs may finish after the start, an ISO 8601 duration. Only with the mode `finish`. */
  readonly finishWithin?: string;
  /** The names of the only states that it will hold. */
  readonly steps?: readonly string[];
  readonly by: Actor;
  readonly plannedAt: string;
  readonly reason?: string;
}

/** The next count of the queue. */
export interface Recount {
  /** ISO 8601. */
  readonly due: string;
  /** Mark of the queue and its counter at the last count, if they disagreed. */
  readonly seen?: string;
  /** Number of queued records at the last count. */
  readonly queued?: number;
}

/** Reads a flow from its stored item. The item's `op` identifies its last change, so that a retried write recognizes its own. */
export const flowItemOf = (item: Item): FlowItem => {
  const { PK: _partition, SK: _sort, dueKey: _dueKey, due: _due, op: _op, ...record } = item;
  return record as unknown as FlowItem;
};

/** Returns the copy of the flow's holds and caps that every gate reads: what gates compare, without who placed a hold and why. */
export const holdItem = (flow: FlowItem): Item & ItemKey => {
  const { workspace, flowId, incarnation, mode, epoch, caps, onFailure, errorsEra, partialHolds, ramp } =
    flow;
  const { finishing, whole: holds } = copies(flow);
  const { canary } = flow;
  const partial = Object.values(partialHolds ?? {}).map(({ id, states }) => [id, { states }]);
  const hold: HoldItem = {
    ...{ incarnation, holds, mode, epoch, caps },
    ...(Object.keys(finishing).length === 0 ? {} : { finishing }),
    ...(partial.length === 0 ? {} : { partialHolds: Object.fromEntries(partial) }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(errorsEra === undefined ? {} : { errorsEra }),
    ...(ramp === undefined ? {} : { ramp }),
    ...(canary?.state === "running" ? { canary: { id: canary.id, holds: canary.holds } } : {}),
  };
  return { ...keys.hold(workspace, flowId, incarnation), ...hold };
};

/** Returns the flow with what it stores of its active version. */
export const onVersion = (
  { index: _was, expect: _before, ...flow }: FlowItem,
  { version, runAs, index, expect }: Pick<FlowItem, "version" | "runAs" | "index" | "expect">,
): FlowItem => ({
  ...{ ...flow, version, runAs },
  ...(index === undefined ? {} : { index }),
  ...(expect === undefined ? {} : { expect }),
});

/** Returns the copies of the holds on the whole flow, apart from those that still let runs finish. */
const copies = (flow: FlowItem): { finishing: HoldItem["holds"]; whole: HoldItem["holds"] } => {
  const all = Object.entries(flow.holds);
  const open = ([, { finishUntil, frozen }]: (typeof all)[number]) => finishUntil !== undefined && !frozen;
  const copied = (some: typeof all) =>
    Object.fromEntries(
      some.map(([kind, { id, since, finishUntil, rejects }]) => [
        kind,
        { id, since, ...(finishUntil === undefined ? {} : { finishUntil }), ...(rejects && { rejects }) },
      ]),
    );
  return { finishing: copied(all.filter(open)), whole: copied(all.filter((entry) => !open(entry))) };
};

/** Returns only the attributes that differ, so that concurrent writes at the same rev are kept. */
export const differences = (was: FlowItem, next: FlowItem): { set: Item; remove: string[] } => {
  const before: Item = { ...was };
  const after: Item = { ...next };
  const changed = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return {
    set: Object.fromEntries(changed.map((name) => [name, after[name]])),
    remove: Object.keys(before).filter((name) => before[name] !== undefined && after[name] === undefined),
  };
};

/**
 * Returns when the planned pause begins (ISO 8601). While a person's pause stands, it waits for the end of that one: the flow is held by
 * one of them at a time. A pause of some states stands beside the others, and waits for none.
 */
export const scheduledStart = ({ scheduledPause, holds }: FlowItem): string | undefined => {
  const standing = holds.manual?.resumeAt;
  if (scheduledPause === undefined || standing === undefined || scheduledPause.steps !== undefined)
    return scheduledPause?.startAt;
  return standing > scheduledPause.startAt ? standing : scheduledPause.startAt;
};

/** Returns the flow's due time: the earliest of its holds' ends and times to finish, its planned pause, the end of its canary, the next checks of the drain and the attachment, and the queue's next recount. */
export const dueAttributes = (flow: FlowItem): { set: Item; remove: string[] } => {
  const ends = standingHolds(flow).flatMap(({ resumeAt, finishUntil, frozen }) =>
    frozen === true ? [resumeAt] : [resumeAt, finishUntil],
  );
  const canary = flow.canary?.state === "running" ? flow.canary.until : undefined;
  const checks = [flow.drain?.due, flow.recount?.due, flow.attachment?.due];
  const due = [...ends, scheduledStart(flow), canary, ...checks]
    .filter((time) => time !== undefined)
    .sort()[0];
  if (due === undefined) return { set: {}, remove: ["dueKey", "due"] };
  return { set: { dueKey: indexKeys.due(shardOf(flow.flowId, INDEX_SHARDS)), due }, remove: [] };
};
