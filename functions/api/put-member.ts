import { putMember } from "../../shared/domain/workspace/change-member.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const putMemberEndpoint = endpoint(
  memberOperations.putMember,
  async ({ params: { workspace, userId }, body }, _caller, deps) => {
    const { created, member } = await putMember(deps, { ...body, workspace, userId });
    return { status: created ? 201 : 200, body: member };
  },
);
