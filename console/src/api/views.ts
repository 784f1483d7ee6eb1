import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { View } from "../../../shared/model/schemas/view.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

export const viewsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "views"],
    queryFn: ({ signal }) => call<Page<View>>(workspace, "/views", { query: { limit: 200 }, signal }),
    staleTime: 30_000,
  });

export interface ViewWish {
  readonly viewId: string;
  readonly name: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly shared: boolean;
}

export const useSaveView = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ viewId, ...body }: ViewWish) =>
      call<View>(workspace, `/views/${encodeURIComponent(viewId)}`, { method: "PUT", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "views"] }),
  });
};

export const useDeleteView = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (viewId: string) =>
      call<void>(workspace, `/views/${encodeURIComponent(viewId)}`, { method: "DELETE" }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "views"] }),
  });
};
