import type { AuditEntry, RunItem } from "./run-item.ts";

/**
 * The run item contains its newest audit entries, written together with the change itself, so that no crash can lose one. Each
 * step is billed by the item's size, so older entries move into an archive of separate items.
 */
const MAX_ENTRIES = 4;
const MAX_BYTES = 700;
/** A run that has ended is not written any more, so only very long entries are worth archiving. */
const MAX_BYTES_AT_END = 4_000;
/** Number of entries that always stay, so that a retried write finds its own. */
const MIN_ENTRIES = 2;

/** Maximum number of entries archived at a time, since the update that removes them names each one. */
const MAX_ARCHIVED_AT_ONCE = 25;

/** Returns the oldest entries, which should move into the archive; none while the item is small. */
export const entriesToArchive = (run: RunItem, over: boolean): readonly AuditEntry[] => {
  const bytes = Buffer.byteLength(JSON.stringify(run.recentAudit));
  const long = over ? bytes > MAX_BYTES_AT_END : run.recentAudit.length > MAX_ENTRIES || bytes > MAX_BYTES;
  return long ? run.recentAudit.slice(0, -MIN_ENTRIES).slice(0, MAX_ARCHIVED_AT_ONCE) : [];
};

/** Merges archived and recent entries in order of rev. An entry may be in both. */
export const mergeAudit = (
  archived: readonly AuditEntry[],
  recent: readonly AuditEntry[],
): readonly AuditEntry[] => {
  const byRev = new Map<number, AuditEntry>();
  for (const entry of [...archived, ...recent]) byRev.set(entry.rev, entry);
  return [...byRev.values()].sort((a, b) => a.rev - b.rev);
};

/**
 * Packs an entry for the run item into a row without field names. The names would make up a third of it, and a run that was paused
 * would exceed the 1 KB up to which a write costs one unit.
 */
export const packEntry = (entry: AuditEntry): string => {
  const { rev, at, actor, action, from = null, to, op = null, ...rare } = entry;
  const row = [rev, at, actor.kind, actor.id, action, from, to, op];
  return JSON.stringify(Object.keys(rare).length === 0 ? row : [...row, rare]);
};

/** Unpacks an entry. Earlier releases stored entries with field names. */
export const unpackEntry = (stored: unknown): AuditEntry => {
  if (typeof stored !== "string") return stored as AuditEntry;
  const [rev, at, kind, id, action, from, to, op, rare] = JSON.parse(stored);
  const optional = { ...(from === null ? {} : { from }), ...(op === null ? {} : { op }) };
  return { rev, at, actor: { kind, id }, action, to, ...optional, ...rare };
};
