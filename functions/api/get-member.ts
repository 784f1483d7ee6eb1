import { readMember } from "../../shared/domain/workspace/read-members.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getMemberEndpoint = endpoint(
  memberOperations.getMember,
  async ({ params: { workspace, userId } }, caller, deps) => ({
    status: 200,
    body: await readMember(deps, caller, workspace, userId),
  }),
);
