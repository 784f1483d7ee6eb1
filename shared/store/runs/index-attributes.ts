import { shardOf } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import { ATTENTION_STATUSES, isTerminal } from "../../model/transitions.ts";
import { indexKeys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

/** Returns when the sweeper has to read the run: at its intent, its deadline, its check or when it becomes overdue, whichever is first. ISO 8601. */
const dueOf = (run: RunItem): string | undefined => {
  const live = !isTerminal(run.status);
  const times = [
    run.intent?.due,
    run.toStop?.due,
    live ? undefined : slotDue(run),
    live && run.status !== "paused" ? run.deadline : undefined,
    live ? run.checkAt : undefined,
    live ? run.expectedBy : undefined,
  ].filter((time) => time !== undefined);
  return times.sort()[0];
};

/** A slot that is not released immediately after the end is released by the sweeper. */
const RELEASE_MS = 60_000;

const slotDue = ({ slot, endedAt }: RunItem): string | undefined =>
  slot === undefined || endedAt === undefined
    ? undefined
    : (slot.due ?? iso(Date.parse(endedAt) + RELEASE_MS));

/** Returns the index attributes of a run with this due time. */
export const dueAt = (runId: string, due: string): { readonly dueKey: string; readonly due: string } => ({
  dueKey: indexKeys.due(shardOf(runId, INDEX_SHARDS)),
  due,
});

/** Returns when the run took its current status. ISO 8601. */
export const statusSince = (run: RunItem): string => run.recentAudit.at(-1)?.at ?? run.updatedAt;

/** Returns the run's position in the attention index. It changes with each status change. */
export const attentionPosition = (run: RunItem): string => indexKeys.time(statusSince(run), run.runId);

const attentionAttributes = (run: RunItem, shard: number): Record<string, string | undefined> => {
  const { workspace, status } = run;
  const needsAttention = ATTENTION_STATUSES.some((one) => one === status);
  if (run.deleted === true || !(needsAttention || status === "waiting"))
    return { attentionKey: undefined, attentionSince: undefined };
  const attentionKey = needsAttention
    ? indexKeys.attention(workspace, shard)
    : indexKeys.waiting(workspace, shard);
  return { attentionKey, attentionSince: attentionPosition(run) };
};

/** Returns the run's failure group, and its position there; undefined unless it is failed or paused by an error. */
export const failurePlace = (
  run: RunItem,
): { readonly id: string; readonly position: string } | undefined => {
  const { failure, status, pausedBy, runId } = run;
  const stands = status === "failed" || (status === "paused" && pausedBy?.kind === "error");
  if (failure === undefined || !stands || run.deleted === true) return undefined;
  return { id: failure.id, position: indexKeys.time(failure.at, runId) };
};

const failureAttributes = (run: RunItem, shard: number): Record<string, string | undefined> => {
  const place = failurePlace(run);
  if (place === undefined) return { failureKey: undefined, failureAt: undefined };
  return {
    failureKey: indexKeys.failures(run.workspace, shard),
    failureAt: indexKeys.failure(place.id, place.position),
  };
};

/**
 * Returns the index attributes that follow from the status. Undefined ones must be removed. They change in the same write as
 * the status.
 */
export const indexAttributes = (run: RunItem): Record<string, string | undefined> => {
  const shard = shardOf(run.runId, INDEX_SHARDS);
  const listed = run.deleted !== true;
  return {
    statusKey: listed ? indexKeys.byStatus(run.workspace, run.status, shard) : undefined,
    ...attentionAttributes(run, shard),
    ...failureAttributes(run, shard),
    ...duePlace(run, shard),
  };
};

/**
 * Tombstones and ended runs share the index with urgent items, in separate partitions, so that a run's end costs one index
 * write.
 */
const duePlace = (run: RunItem, shard: number): { dueKey: string | undefined; due: string | undefined } => {
  if (run.deleted === true) return { dueKey: indexKeys.tombstones(shard), due: run.intent?.due };
  const due = dueOf(run);
  if (due !== undefined) return { dueKey: indexKeys.due(shard), due };
  const end = isTerminal(run.status) ? run.endedAt : undefined;
  return { dueKey: end === undefined ? undefined : indexKeys.ended(run.workspace, shard), due: end };
};
