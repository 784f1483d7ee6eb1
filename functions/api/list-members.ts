import { listMembers } from "../../shared/domain/workspace/read-members.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listMembersEndpoint = endpoint(
  memberOperations.listMembers,
  async ({ params, query }, caller, deps) => ({
    status: 200,
    body: await listMembers(deps, caller, params.workspace, query),
  }),
);
