import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { View } from "../../model/schemas/view.ts";
import type { ViewItem, ViewStore } from "../../store/workspace/views.ts";
import { viewNotFound } from "../refusals.ts";

/** Returns a view in the API's format for a user. */
export const viewOf = (record: ViewItem, userId: string): View => ({
  ...record,
  mine: record.owner === userId,
});

/** Reads one view. The user's private view takes precedence over a shared one with the same id. Throws `not_found`. */
export const readView = async (
  views: ViewStore,
  { workspace, userId, viewId }: { workspace: string; userId: string; viewId: string },
): Promise<View> => {
  const { own, shared } = await views.find(workspace, userId, viewId);
  const found = own ?? shared;
  if (found === undefined) throw viewNotFound(viewId);
  return viewOf(found, userId);
};

/** A position in the list: an id and, since a private and a shared view may have the same id, which of the two. */
const POSITION = /^([a-z0-9][a-z0-9-]{0,39})#([PS])$/;
const positionOf = ({ viewId, shared }: ViewItem): string => `${viewId}#${shared ? "S" : "P"}`;

/** Lists a page of the user's own views and all shared ones, by id. */
export const listViews = async (
  views: ViewStore,
  workspace: string,
  userId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: View[]; nextCursor?: string }> => {
  const list = ["views", workspace, userId];
  const [, viewId, place] = POSITION.exec(readCursor(list, cursor, POSITION) ?? "") ?? [];
  const after = (inclusive: boolean) => (viewId === undefined ? undefined : { viewId, inclusive });
  const [own, shared] = await Promise.all([
    views.page(workspace, userId, limit + 1, after(false)),
    views.page(workspace, undefined, limit + 1, after(place === "P")),
  ]);
  const merged = [...own, ...shared].sort(byPosition);
  const shown = merged.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map((record) => viewOf(record, userId));
  if (merged.length <= limit || last === undefined) return { items };
  return { items, nextCursor: writeCursor(list, positionOf(last)) };
};

const byPosition = (a: ViewItem, b: ViewItem): number => {
  if (a.viewId !== b.viewId) return a.viewId < b.viewId ? -1 : 1;
  return Number(a.shared) - Number(b.shared);
};
