import { deleteMember, putMember } from "../../shared/domain/workspace/change-member.ts";
import { listMembers, readMember } from "../../shared/domain/workspace/read-members.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const listMembersEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.listMembers, async ({ params, query }, caller) => ({
    status: 200,
    body: await listMembers(deps, caller, params.workspace, query),
  }));

export const getMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.getMember, async ({ params: { workspace, userId } }, caller) => ({
    status: 200,
    body: await readMember(deps, caller, workspace, userId),
  }));

export const putMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.putMember, async ({ params: { workspace, userId }, body }) => {
    const { created, member } = await putMember(deps, { ...body, workspace, userId });
    return { status: created ? 201 : 200, body: member };
  });

export const deleteMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.deleteMember, async ({ params: { workspace, userId } }) => {
    await deleteMember(deps, { workspace, userId });
    return { status: 204 };
  });
