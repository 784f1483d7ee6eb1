import type { Clause } from "../expressions.ts";
import { keys } from "../keys.ts";
import type { Table, WriteResult } from "../table.ts";
import { packEntry } from "./audit.ts";
import { indexAttributes } from "./index-attributes.ts";
import { notOlderThan } from "./run-clauses.ts";
import type { AuditEntry, RunItem } from "./run-item.ts";
import type { Patch } from "./status-change.ts";
import { runItemOf, STORED_NAMES, storedFields, storedName } from "./stored-run.ts";

/** A rejected write returns the current run; without `current`, there is no such run. */
export type RunWriteResult =
  | { readonly ok: true; readonly run: RunItem }
  | { readonly ok: false; readonly current?: RunItem };

export const runWriteResult = (result: WriteResult): RunWriteResult => {
  if (result.ok) return { ok: true, run: runItemOf(result.item) };
  return result.old === undefined ? { ok: false } : { ok: false, current: runItemOf(result.old) };
};

/** The run before and after a write, and the changes of the write. */
export interface RunWrite {
  readonly before: RunItem;
  readonly after: RunItem;
  readonly patch: Patch;
  /** Of the status changes in this write. */
  readonly entries: readonly AuditEntry[];
  readonly when: readonly Clause[];
}

/** Writes the patch, the status changes and the index attributes that follow from them. */
export const writeRun = async (table: Table, write: RunWrite): Promise<RunWriteResult> => {
  const { before, after, patch, entries, when } = write;
  const indexed = indexAttributes(after);
  const { currentStep } = patch.set ?? {};
  return runWriteResult(
    await table.update(keys.run(before.workspace, before.runId), {
      set: {
        ...storedFields(patch.set ?? {}),
        ...indexed,
        ...(after.rev === before.rev ? {} : { status: after.status, rev: after.rev }),
      },
      remove: [
        ...(patch.remove ?? []).map(storedName),
        ...Object.keys(indexed).filter((name) => indexed[name] === undefined),
      ],
      append: { [STORED_NAMES.recentAudit]: entries.map(packEntry) },
      when: currentStep === undefined ? when : [...when, notOlderThan(currentStep.entered)],
    }),
  );
};
