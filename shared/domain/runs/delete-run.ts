import { SYSTEM } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import { isDeletable, isTerminal } from "../../model/transitions.ts";
import type { Intent } from "../../store/intent.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type EndDependencies, orWarn } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { deleteNotAllowed, existingRun, runChanged } from "../refusals.ts";
import type { ActionRequest } from "./apply-action.ts";
import { purgeRun } from "./purge-run.ts";
import { isQueued, leaveQueue } from "./queued-run.ts";

/** The time for which an idempotency key outlives its run: a client that still retries must not start the flow again. */
const KEY_KEPT_MS = 86_400_000;

export interface DeleteRequest extends ActionRequest {
  /**
   * The bulk operation that this deletion belongs to. While the tombstone exists, it distinguishes a repeated deletion from one
   * by somebody else.
   */
  readonly op?: string;
}
/** Whether this call deleted the run, or an earlier call of the same operation did. */
export type Deleted = "now" | "before";

/**
 * Deletes the run permanently. One write replaces it with its tombstone, which closes every gate and removes the run from all
 * lists. Then its execution is stopped and its data deleted, by the sweeper if this process dies. The tombstone is deleted
 * last: immediately if nobody can still write about the run, otherwise by the sweeper. Throws `not_found`,
 * `action_not_allowed`, `state_changed`.
 */
export const deleteRun = async (deps: EndDependencies, request: DeleteRequest): Promise<Deleted> => {
  const { workspace, runId, op } = request;
  let found = await deps.runs.get(workspace, runId);
  return retryOnConflict(
    deps,
    async (attempt) => {
      if (found?.deleted === true && op !== undefined && found.deletedBy === op) {
        await purgeOrLeave(deps, found, {});
        return "before";
      }
      const record = existingRun(found);
      if (request.ifMatch !== undefined && request.ifMatch !== record.rev) throw runChanged(record);
      if (!isDeletable({ status: record.status, queued: isQueued(record) })) {
        throw attempt === 1 ? deleteNotAllowed(record) : runChanged(record);
      }
      const now = deps.clock.now();
      const keptUntil = record.bodyHash === undefined ? undefined : iso(now + KEY_KEPT_MS);
      const intent = purgeIntent(deps, now);
      const { actor, reason } = request;
      const deletion = { intent, at: iso(now), actor, reason, keptUntil, deletedBy: op };
      const written = await deps.runs.markDeleted(record, deletion);
      found = written.ok ? written.run : written.current;
      // Our own write, retried by the SDK, counts.
      if (found?.intent?.id !== intent.id) return "conflict";
      await leaveQueue(deps, record, true);
      await purgeOrLeave(deps, found, { before: record, now });
      return "now";
    },
    () => runChanged(existingRun(found)),
  );
};

/** Deletes a run that ended by `endedBy` (ISO 8601), if it still exists and the index was right. */
export const expireRun = async (
  deps: EndDependencies,
  { workspace, runId }: Pick<RunItem, "workspace" | "runId">,
  endedBy: string,
): Promise<void> => {
  const record = await deps.runs.get(workspace, runId);
  if (record === undefined || record.deleted === true || !hasEnded(record, endedBy)) return;
  const now = deps.clock.now();
  const intent = purgeIntent(deps, now);
  const written = await deps.runs.markDeleted(record, { intent, at: iso(now), actor: SYSTEM });
  if (!written.ok) return;
  await purgeRun(deps, written.run, { ended: true });
  await deps.runs.removeTombstone(written.run);
  deps.metrics.count("runsExpired");
};

const purgeIntent = (deps: EndDependencies, now: number): Intent => ({
  id: deps.ids.unique(),
  due: iso(now + LATE_WRITER_MS),
  kinds: ["purge"],
  tries: 0,
});

/** Whether the run had ended by then and has nothing left to do. */
const hasEnded = (run: RunItem, by: string): boolean =>
  isTerminal(run.status) &&
  run.intent === undefined &&
  run.toStop === undefined &&
  run.slot === undefined &&
  run.endedAt !== undefined &&
  run.endedAt <= by;

/**
 * Deletes the data of a run that is already deleted. The sweeper repeats what fails. `before`: the run before its deletion, if
 * known.
 */
const purgeOrLeave = async (
  deps: EndDependencies,
  tombstone: RunItem,
  { before, now = 0 }: { readonly before?: RunItem; readonly now?: number },
): Promise<void> => {
  const ended = before !== undefined && isTerminal(before.status) && before.intent === undefined;
  const remembered = tombstone.keptUntil !== undefined || tombstone.deletedBy !== undefined;
  await orWarn(
    deps,
    tombstone,
    "The run's data could not be deleted; the sweeper will delete it",
    async () => {
      await purgeRun(deps, tombstone, { ended });
      const quiet = before !== undefined && hasEnded(before, iso(now - LATE_WRITER_MS));
      if (quiet && !remembered) await deps.runs.removeTombstone(tombstone);
    },
  );
};
