import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { EndDependencies } from "../deps.ts";
import { type ActionRequest, applyAction } from "./apply-action.ts";
import { isQueued, leaveQueue } from "./queued-run.ts";
import { changeByActor } from "./status-change.ts";

/**
 * Pauses the run. From then on, no step starts unless its gate had decided before. It takes only one write, since the gates
 * read it. An open intent to start stays: the execution is created, and its first gate parks. A queued run leaves the queue and
 * keeps its position.
 */
export const pauseRun = async (deps: EndDependencies, request: ActionRequest): Promise<RunItem> => {
  let before: RunItem | undefined;
  const paused = await applyAction(deps, { ...request, action: "pause" }, (record, now, op) => {
    before = record;
    const { actor, reason } = request;
    const at = iso(now);
    const queued = isQueued(record);
    return {
      change: changeByActor("pause", actor, now, { reason, op }),
      patch: {
        set: {
          updatedAt: at,
          // A run in the queue has no step that must finish first.
          ...(queued ? { parkedAt: at } : {}),
          pausedBy: { kind: "user", id: actor.id, ...(reason === undefined ? {} : { reason }), at },
        },
        ...(queued ? {} : { remove: ["parkedAt"] }),
      },
    };
  });
  if (before !== undefined) await leaveQueue(deps, before, false);
  return paused;
};
