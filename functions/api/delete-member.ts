import { deleteMember } from "../../shared/domain/workspace/change-member.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const deleteMemberEndpoint = endpoint(
  memberOperations.deleteMember,
  async ({ params: { workspace, userId } }, _caller, deps) => {
    await deleteMember(deps, { workspace, userId });
    return { status: 204 };
  },
);
