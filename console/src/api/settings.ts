import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Member } from "../../../shared/model/schemas/member.ts";
import type { WorkspaceSettings } from "../../../shared/model/workspace-settings.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

export const settingsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "settings"],
    queryFn: ({ signal }) => call<WorkspaceSettings>(workspace, "/settings", { signal }),
  });

export const usePutSettings = (workspace: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<WorkspaceSettings>) =>
      call<WorkspaceSettings>(workspace, "/settings", { method: "PUT", body: change }),
    onSuccess: (settings) => queries.setQueryData(settingsQuery(workspace).queryKey, settings),
  });
};

export const membersQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: [workspace, "members"],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Member>>(workspace, "/members", { query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
  });

export interface MemberWish {
  readonly userId: string;
  readonly role: Member["role"];
  readonly permissions: readonly string[];
}

const memberPath = (userId: string): string => `/members/${encodeURIComponent(userId)}`;

const useAfterwards = (workspace: string) => {
  const queries = useQueryClient();
  return () => {
    queries.invalidateQueries({ queryKey: [workspace, "me"] });
    return queries.invalidateQueries({ queryKey: [workspace, "members"] });
  };
};

export const usePutMember = (workspace: string) => {
  const onSettled = useAfterwards(workspace);
  return useMutation({
    mutationFn: ({ userId, ...body }: MemberWish) =>
      call<Member>(workspace, memberPath(userId), { method: "PUT", body }),
    onSettled,
  });
};

export const useRemoveMember = (workspace: string) => {
  const onSettled = useAfterwards(workspace);
  return useMutation({
    mutationFn: (userId: string) => call<void>(workspace, memberPath(userId), { method: "DELETE" }),
    onSettled,
  });
};
