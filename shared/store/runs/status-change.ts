import { nextStatus, type Transition } from "../../model/transitions.ts";
import type { AuditEntry, RunItem } from "./run-item.ts";

/** One status change on its way into the run item. */
export interface StatusChange {
  readonly transition: Transition;
  readonly entry: Pick<AuditEntry, "at" | "actor" | "reason" | "op" | "override" | "vouched">;
}

/** What changes beside the status. */
export interface Patch {
  readonly set?: Partial<Omit<RunItem, "status" | "rev" | "recentAudit">>;
  readonly remove?: readonly (keyof RunItem)[];
}

/** The run after the changes, each a revision and a trail entry of its own. Throws where the table refuses one. */
export const applyChanges = (
  run: RunItem,
  changes: readonly StatusChange[],
  patch: Patch,
): { next: RunItem; entries: AuditEntry[] } => {
  const entries: AuditEntry[] = [];
  let { status, rev } = run;
  for (const { transition, entry } of changes) {
    const to = nextStatus(status, transition);
    if (to === undefined) throw new Error(`${transition} of a ${status} run`);
    rev += 1;
    entries.push({ rev, ...entry, action: transition, from: status, to });
    status = to;
  }
  const next: RunItem = { ...run, ...patch.set, status, rev, recentAudit: [...run.recentAudit, ...entries] };
  for (const field of patch.remove ?? []) delete (next as Partial<Record<keyof RunItem, unknown>>)[field];
  return { next, entries };
};
