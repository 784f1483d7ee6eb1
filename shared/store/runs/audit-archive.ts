import { isTerminal } from "../../model/transitions.ts";
import { keys } from "../keys.ts";
import type { Table } from "../table.ts";
import { entriesToArchive } from "./audit.ts";
import { auditBeginsAt, NOT_DELETED } from "./run-clauses.ts";
import type { RunItem } from "./run-item.ts";
import { STORED_NAMES } from "./stored-run.ts";

/**
 * Moves the run's oldest audit entries into items of their own when the run item has grown long. Puts the items first and then
 * trims the run item, provided that the entries are still its oldest. A crash in between leaves both copies, which readers
 * merge. Entries that others append in the meantime stay. The status change has already been written, so a failure here does
 * not fail the change: the next change archives the entries.
 */
export const archiveAudit = async (table: Table, run: RunItem): Promise<void> => {
  const { workspace, runId } = run;
  const entries = entriesToArchive(run, isTerminal(run.status));
  const [first] = entries;
  if (first === undefined) return;
  try {
    // In parallel, since a run that changes fast gets new entries in the meantime.
    await Promise.all(
      entries.map((entry) => table.put({ ...keys.runAudit(workspace, runId, entry.rev), ...entry })),
    );
    await table.update(keys.run(workspace, runId), {
      shorten: { [STORED_NAMES.recentAudit]: entries.length },
      when: [auditBeginsAt(first.rev), NOT_DELETED],
    });
  } catch {
    // The run item still has the entries.
  }
};
