import { queryOptions, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type Permission, roleGrant } from "../../../shared/model/access.ts";
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
