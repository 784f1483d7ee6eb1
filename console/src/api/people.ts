import { queryOptions, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { allItems } from "../../../shared/client/pages.ts";
import { type Permission, roleGrant } from "../../../shared/model/access.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Member } from "../../../shared/model/schemas/member.ts";
import { session } from "../session/session.ts";
import { api } from "./client.ts";

/** The workspace in the page's address. */
export const useWorkspace = (): string =>
  useParams({ strict: false, select: ({ workspace }) => workspace ?? "" });

/** The signed-in person's entry among the workspace's members. */
export const meQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "me", session.current()?.userId],
    queryFn: ({ signal }) => api.getMember({ workspace, userId: session.current()?.userId ?? "", signal }),
    staleTime: 60_000,
    retry: false,
  });

/** Tells which permissions the person's role grants, at least for their own resources. None before the role is known. */
export const useGrants = (): ((permission: Permission) => boolean) => {
  const workspace = useWorkspace();
  const { data } = useQuery({ ...meQuery(workspace), enabled: workspace !== "" });
  return (permission) => data !== undefined && roleGrant(data.role, permission) !== undefined;
};

/** Whether the person's role grants the permission. For permissions on one's own resources, the server decides. */
export const useMay = (permission: Permission): boolean => useGrants()(permission);

/** The members of the workspace, as far as the person may see them. */
const peopleQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "members", "all"],
    queryFn: ({ signal }) =>
      allItems((cursor) => api.listMembers({ workspace, query: { limit: MAX_PAGE, cursor }, signal })),
    staleTime: 300_000,
    retry: false,
  });

/** The members of the workspace, as far as the person may see them. None before they are known. */
export const usePeople = (): readonly Member[] => {
  const workspace = useWorkspace();
  return useQuery({ ...peopleQuery(workspace), enabled: workspace !== "" }).data ?? [];
};

/** Returns the name of a user, or the id of one without a name, of a client, and of whoever is no longer a member. */
export type NameOf = (userId: string) => string;

export const useNameOf = (): NameOf => {
  const people = usePeople();
  return (userId) => people.find((member) => member.userId === userId)?.name ?? userId;
};
