import { readCursor, writeCursor } from "../../../model/cursor.ts";
import type { AuditItem } from "../../../model/schemas/run.ts";

/** Returns a page of audit entries, newest first. `entries` are in order of revision. */
export const pageOfAudit = (
  entries: readonly AuditItem[],
  list: readonly unknown[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { items: AuditItem[]; nextCursor?: string } => {
  const position = readCursor(list, cursor);
  const before = position === undefined ? Number.POSITIVE_INFINITY : Number(position);
  const left = entries.filter((entry) => entry.rev < before).reverse();
  const items = left.slice(0, limit);
  const last = items.at(-1);
  if (left.length <= limit || last === undefined) return { items };
  return { items, nextCursor: writeCursor(list, String(last.rev)) };
};
