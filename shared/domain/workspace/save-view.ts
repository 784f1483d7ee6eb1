import { MAX_VIEWS } from "../../model/limits.ts";
import type { View } from "../../model/schemas/view.ts";
import { iso } from "../../model/time/clock.ts";
import type { FoundViews, ViewItem } from "../../store/workspace/views.ts";
import type { WorkspaceDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { tooManyViews, viewChanged, viewNotFound, viewOfAnother } from "../refusals.ts";
import { viewOf } from "./read-views.ts";

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
