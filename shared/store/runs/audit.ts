import type { AuditEntry, RunItem } from "./run-item.ts";

/**
 * The newest audit entries ride in the run item, written together with the change itself, so no crash can lose one.
 * The item is billed by its size at every step, so a long trail moves on into items of its own.
 */
const MAX_ENTRIES = 4;
const MAX_BYTES = 700;
/** A run that is over is written no more; only a very long trail is worth a move then. */
const MAX_BYTES_AT_END = 4_000;
/** The newest stay, so that a retried write finds its own entry. */
const KEPT = 2;

/** Moved at a time: an update names each of them. */
const MAX_CONCURRENT = 25;

/** The entries that should leave the item: its oldest, or none. */
export const entriesToArchive = (run: RunItem, over: boolean): readonly AuditEntry[] => {
  const bytes = Buffer.byteLength(JSON.stringify(run.recentAudit));
  const long = over ? bytes > MAX_BYTES_AT_END : run.recentAudit.length > MAX_ENTRIES || bytes > MAX_BYTES;
  return long ? run.recentAudit.slice(0, -KEPT).slice(0, MAX_CONCURRENT) : [];
};

/** Both parts of the trail in order of rev; an entry that stands in both counts once. */
export const mergeAudit = (
  spilled: readonly AuditEntry[],
  riding: readonly AuditEntry[],
): readonly AuditEntry[] => {
  const byRev = new Map<number, AuditEntry>();
  for (const entry of [...spilled, ...riding]) byRev.set(entry.rev, entry);
  return [...byRev.values()].sort((a, b) => a.rev - b.rev);
};

/**
 * An entry as it rides in the run item: a row without its fields' names, which would be a third of it and take a run that was
 * paused over the 1 KB up to which a write costs one unit.
 */
export const packedEntry = (entry: AuditEntry): string => {
  const { rev, at, actor, action, from = null, to, op = null, ...rare } = entry;
  const row = [rev, at, actor.kind, actor.id, action, from, to, op];
  return JSON.stringify(Object.keys(rare).length === 0 ? row : [...row, rare]);
};

/** The entry in a row. One that an earlier release wrote has its names. */
export const entryIn = (riding: unknown): AuditEntry => {
  if (typeof riding !== "string") return riding as AuditEntry;
  const [rev, at, kind, id, action, from, to, op, rare] = JSON.parse(riding);
  const optional = { ...(from === null ? {} : { from }), ...(op === null ? {} : { op }) };
  return { rev, at, actor: { kind, id }, action, to, ...optional, ...rare };
};
