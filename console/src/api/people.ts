import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Permission, type Role, roleGrant } from "../../../shared/model/access.ts";
import type { Member } from "../../../shared/model/schemas/member.ts";
import { session } from "../session/session.ts";
import { useWorkspace } from "../shell/use-workspace.ts";
import { call } from "./client.ts";

/** The signed-in person's own entry among the workspace's members. */
const meQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "me", session.current()?.userId],
    queryFn: ({ signal }) =>
      call<Member>(workspace, `/members/${encodeURIComponent(session.current()?.userId ?? "")}`, { signal }),
    staleTime: 60_000,
    retry: false,
  });

/** Whether the person may do it at all; `own` things are for the server to tell. */
export const useMay = (permission: Permission): boolean => {
  const { data } = useQuery(meQuery(useWorkspace()));
  return data !== undefined && roleGrant(data.role as Role, permission) !== undefined;
};
