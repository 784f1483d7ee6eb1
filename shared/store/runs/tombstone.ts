import type { Actor } from "../../model/actor.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { Intent } from "../intent.ts";
import type { Item } from "../keys.ts";
import { indexAttributes } from "./index-attributes.ts";
import type { RunItem } from "./run-item.ts";
import { newItem, storedFields } from "./stored-run.ts";

/** The deletion of a run. */
export interface RunDeletion {
  /** Due when the tombstone is removed. */
  readonly intent: Intent;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: Actor;
  readonly reason?: string | undefined;
  readonly keptUntil?: string | undefined;
  readonly deletedBy?: string | undefined;
}

/** Returns the tombstone of a deleted run, as the attributes to set and those to remove. It rejects every late writer. */
export const tombstone = (run: RunItem, request: RunDeletion): { set: Item; remove: string[] } => {
  const { runId, workspace, flowId, incarnation, version, attempt, runAs, startedBy } = run;
  const { startState, machine, execution, moves, dispatchedVersion, toStop, priority, attributes } = run;
  const { slot, waitsFor } = run;
  const { intent, at, actor, reason, keptUntil, deletedBy } = request;
  const rev = run.rev + 1;
  const deletion = { rev, at, actor, action: "delete", from: run.status, to: "deleted" } as const;
  const queuedAt = run.queuedAt ?? (run.queuedAtDispatch === true ? run.createdAt : undefined);
  const next: RunItem = {
    ...{ runId, workspace, flowId, incarnation, version, attempt, runAs, startedBy, intent },
    ...(startState === undefined ? {} : { startState }),
    ...(moves === undefined ? {} : { moves }),
    ...(toStop === undefined ? {} : { toStop }),
    ...(dispatchedVersion === undefined ? {} : { dispatchedVersion }),
    ...(machine === undefined ? {} : { machine }),
    ...(execution === undefined ? {} : { execution }),
    // Their items are deleted with the run's data.
    ...(attributes === undefined ? {} : { attributes }),
    // A slow writer may still put the run back into the queue at this position.
    ...(queuedAt === undefined ? {} : { queuedAt }),
    ...(priority === undefined ? {} : { priority }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(slot === undefined ? {} : { slot }),
    ...(keptUntil === undefined ? {} : { keptUntil }),
    ...(deletedBy === undefined ? {} : { deletedBy }),
    status: isTerminal(run.status) ? run.status : "cancelled",
    rev,
    createdAt: run.createdAt,
    updatedAt: at,
    recentAudit: [reason === undefined ? deletion : { ...deletion, reason }],
    deleted: true,
  };
  const set: Item = { ...storedFields(next), ...indexAttributes(next) };
  const remove = Object.keys(newItem(run)).filter((name) => set[name] === undefined);
  return { set, remove: remove.filter((name) => name !== "PK" && name !== "SK") };
};
