import { readCursor, writeCursor } from "../../model/cursor.ts";
import { MAX_VIEWS } from "../../model/limits.ts";
import type { View } from "../../model/schemas/view.ts";
import { iso } from "../../model/time/clock.ts";
import type { FoundViews, ViewItem, ViewStore } from "../../store/workspace/views.ts";
import type { WorkspaceDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { tooManyViews, viewChanged, viewNotFound, viewOfAnother } from "../refusals.ts";

/** Returns a view in the API's format for a user. */
const viewOf = (record: ViewItem, userId: string): View => ({
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

export interface ViewRequest {
  readonly workspace: string;
  readonly userId: string;
  readonly viewId: string;
}

/**
 * Saves the user's view under the id, replacing the one that they have there. Private and shared views are stored separately,
 * and a change between the two is one transaction. Throws `forbidden` for somebody else's shared view, `invalid_request` beyond
 * the limit.
 */
export const saveView = (
  deps: WorkspaceDependencies,
  { workspace, userId, viewId }: ViewRequest,
  saved: Pick<ViewItem, "name" | "filter" | "shared">,
): Promise<{ created: boolean; view: View }> => {
  const { views, clock } = deps;
  return retryOnConflict(
    deps,
    async () => {
      const was = changeable(await views.find(workspace, userId, viewId), userId, saved.shared);
      const now = iso(clock.now());
      const next: ViewItem = {
        ...saved,
        viewId,
        owner: userId,
        createdAt: was?.createdAt ?? now,
        updatedAt: now,
      };
      const written =
        was === undefined
          ? await views.create(workspace, next, MAX_VIEWS)
          : (await views.replace(workspace, was, next)) && "written";
      if (written === "full") throw tooManyViews();
      return written === "written" ? { created: was === undefined, view: viewOf(next, userId) } : "conflict";
    },
    viewChanged,
  );
};

/** Returns the user's view that the new one replaces. Throws if the shared id belongs to somebody else. */
const changeable = ({ own, shared }: FoundViews, userId: string, share: boolean): ViewItem | undefined => {
  if (shared === undefined || shared.owner === userId) return own ?? shared;
  if (own === undefined || share) throw viewOfAnother();
  return own;
};

/** Deletes the user's view or, with `asAdmin`, somebody's shared one. Throws `not_found`, `forbidden`. */
export const deleteView = (
  deps: WorkspaceDependencies,
  { workspace, userId, viewId }: ViewRequest,
  asAdmin: boolean,
): Promise<void> => {
  const { views } = deps;
  return retryOnConflict<void>(
    deps,
    async () => {
      const { own, shared } = await views.find(workspace, userId, viewId);
      const view = own ?? shared;
      if (view === undefined) throw viewNotFound(viewId);
      if (view.owner !== userId && !asAdmin) throw viewOfAnother();
      return (await views.remove(workspace, view)) ? undefined : "conflict";
    },
    viewChanged,
  );
};
