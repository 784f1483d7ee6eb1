import { nextStatus, type Transition } from "../../model/transitions.ts";
import type { AuditEntry, RunItem } from "./run-item.ts";

/** A status change to write: the transition and its audit entry. */
export interface StatusChange {
  readonly transition: Transition;
  readonly entry: Pick<AuditEntry, "at" | "actor" | "reason" | "op" | "override" | "vouched" | "moved">;
}

/** Changes of attributes other than the status. */
export interface Patch {
  readonly set?: Partial<Omit<RunItem, "status" | "rev" | "recentAudit">>;
  readonly remove?: readonly (keyof RunItem)[];
}

/**
 * Returns the run after the changes, each with its own revision and audit entry. Throws if the transition table forbids one of
 * them.
 */
export const applyChanges = (
  run: RunItem,
  changes: readonly StatusChange[],
  patch: Patch,
): { next: RunItem; entries: AuditEntry[] } => {
  const entries: AuditEntry[] = [];
  let { status, rev } = run;
  for (const { transition, entry } of changes) {
    const to = nextStatus(status, transition);
    if (to === undefined) throw new Error(`Cannot ${transition} a ${status} run`);
    rev += 1;
    entries.push({ rev, ...entry, action: transition, from: status, to });
    status = to;
  }
  const next: RunItem = { ...run, ...patch.set, status, rev, recentAudit: [...run.recentAudit, ...entries] };
  for (const field of patch.remove ?? []) delete (next as Partial<Record<keyof RunItem, unknown>>)[field];
  return { next, entries };
};
