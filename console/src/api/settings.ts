import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import type { WorkspaceSettings } from "../../../shared/model/workspace-settings.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

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

/** The list of members, and the signed-in person's own entry. */
const MEMBERS = [["me"], ["members"]];

export const usePutMember = (workspace: string) =>
  useChange(
    workspace,
    ({ userId, ...body }: PutMember) => api.putMember({ workspace, userId, body }),
    ...MEMBERS,
  );

export const useRemoveMember = (workspace: string) =>
  useChange(workspace, (userId: string) => api.deleteMember({ workspace, userId }), ...MEMBERS);
