import type { RunRecord, TrailEntry } from "./records.ts";

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
const MOST_AT_ONCE = 25;

/** The entries that should leave the item: its oldest, or none. */
export const entriesToSpill = (record: RunRecord, over: boolean): readonly TrailEntry[] => {
  const bytes = Buffer.byteLength(JSON.stringify(record.trail));
  const long = over ? bytes > MAX_BYTES_AT_END : record.trail.length > MAX_ENTRIES || bytes > MAX_BYTES;
  return long ? record.trail.slice(0, -KEPT).slice(0, MOST_AT_ONCE) : [];
};

/** Both parts of the trail in order of rev; an entry that stands in both counts once. */
export const mergeTrail = (
  spilled: readonly TrailEntry[],
  riding: readonly TrailEntry[],
): readonly TrailEntry[] => {
  const byRev = new Map<number, TrailEntry>();
  for (const entry of [...spilled, ...riding]) byRev.set(entry.rev, entry);
  return [...byRev.values()].sort((a, b) => a.rev - b.rev);
};
