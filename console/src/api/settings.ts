import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import type { WorkspaceSettings } from "../../../shared/model/workspace-settings.ts";
import { api } from "./client.ts";
import { pagedQuery } from "./pages.ts";

export const settingsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "settings"],
    queryFn: ({ signal }) => api.getSettings({ workspace, signal }),
  });

export const usePutSettings = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: Partial<WorkspaceSettings>) => api.putSettings({ workspace, body: changes }),
    onSuccess: (settings) => queries.setQueryData(settingsQuery(workspace).queryKey, settings),
  });
};

export const membersQuery = (workspace: string) =>
  pagedQuery(workspace, ["members"], (page) => api.listMembers(page));

type PutMember = RequestOf<"putMember">["body"] & { readonly userId: string };

const useInvalidateMembers = (workspace: string) => {
  const queries = useQueryClient();
  return () => {
    queries.invalidateQueries({ queryKey: [workspace, "me"] });
    return queries.invalidateQueries({ queryKey: [workspace, "members"] });
  };
};

export const usePutMember = (workspace: string) => {
  const onSettled = useInvalidateMembers(workspace);
  return useMutation({
    mutationFn: ({ userId, ...body }: PutMember) => api.putMember({ workspace, userId, body }),
    onSettled,
  });
};

export const useRemoveMember = (workspace: string) => {
  const onSettled = useInvalidateMembers(workspace);
  return useMutation({
    mutationFn: (userId: string) => api.deleteMember({ workspace, userId }),
    onSettled,
  });
};
