import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { api } from "./client.ts";

export const viewsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "views"],
    queryFn: ({ signal }) => api.listViews({ workspace, query: { limit: MAX_PAGE }, signal }),
    staleTime: 30_000,
  });

type SaveView = RequestOf<"putView">["body"] & { readonly viewId: string };

export const useSaveView = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ viewId, ...body }: SaveView) => api.putView({ workspace, viewId, body }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "views"] }),
  });
};

export const useDeleteView = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (viewId: string) => api.deleteView({ workspace, viewId }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "views"] }),
  });
};
