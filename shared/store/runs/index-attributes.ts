import { shardOf } from "../../model/ids.ts";
import { ATTENTION_STATUSES, isTerminal } from "../../model/transitions.ts";
import { indexKeys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

/** When the sweeper has to look at the run: the earliest of its intent, its deadline and its check. ISO 8601. */
const dueOf = (run: RunItem): string | undefined => {
  const live = !isTerminal(run.status);
  const times = [
    run.intent?.due,
    live && run.status !== "paused" ? run.deadline : undefined,
    live ? run.checkAt : undefined,
  ].filter((time) => time !== undefined);
  return times.sort()[0];
};

/** Index attributes of a run that is due. */
export const dueAt = (runId: string, due: string): { readonly dueKey: string; readonly due: string } => ({
  dueKey: indexKeys.due(shardOf(runId, INDEX_SHARDS)),
  due,
});

/** When the run took the status that it has. ISO 8601. */
export const statusSince = (run: RunItem): string => run.recentAudit.at(-1)?.at ?? run.updatedAt;

/** The run's place among those that were paused, failed or began to wait before and after it: another with each change of status. */
export const attentionPosition = (run: RunItem): string => indexKeys.time(statusSince(run), run.runId);

const attentionAttributes = (run: RunItem, shard: number): Record<string, string | undefined> => {
  const { workspace, status } = run;
  const stands = ATTENTION_STATUSES.some((one) => one === status);
  if (run.deleted === true || !(stands || status === "waiting"))
    return { attentionKey: undefined, attentionSince: undefined };
  const attentionKey = stands ? indexKeys.attention(workspace, shard) : indexKeys.waiting(workspace, shard);
  return { attentionKey, attentionSince: attentionPosition(run) };
};

/** Index attributes that follow the status: undefined ones are removed. They change in the same write as the status. */
export const indexAttributes = (run: RunItem): Record<string, string | undefined> => {
  const shard = shardOf(run.runId, INDEX_SHARDS);
  const listed = run.deleted !== true;
  return {
    statusKey: listed ? indexKeys.byStatus(run.workspace, run.status, shard) : undefined,
    ...attentionAttributes(run, shard),
    ...duePlace(run, shard),
  };
};

/** Tombstones and runs that are over stand apart from what is urgent, in the same index: a run that ends costs one write of it. */
const duePlace = (run: RunItem, shard: number): { dueKey: string | undefined; due: string | undefined } => {
  if (run.deleted === true) return { dueKey: indexKeys.tombstones(shard), due: run.intent?.due };
  const due = dueOf(run);
  if (due !== undefined) return { dueKey: indexKeys.due(shard), due };
  const end = isTerminal(run.status) ? run.endedAt : undefined;
  return { dueKey: end === undefined ? undefined : indexKeys.ended(run.workspace, shard), due: end };
};
