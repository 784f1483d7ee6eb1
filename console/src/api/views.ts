import { queryOptions } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { api } from "./client.ts";
import { useChange } from "./pages.ts";

export const viewsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "views"],
    queryFn: ({ signal }) => api.listViews({ workspace, query: { limit: MAX_PAGE }, signal }),
    staleTime: 30_000,
  });

type SaveView = RequestOf<"putView">["body"] & { readonly viewId: string };

export const useSaveView = (workspace: string) =>
  useChange(workspace, ({ viewId, ...body }: SaveView) => api.putView({ workspace, viewId, body }), [
    "views",
  ]);

export const useDeleteView = (workspace: string) =>
  useChange(workspace, (viewId: string) => api.deleteView({ workspace, viewId }), ["views"]);
