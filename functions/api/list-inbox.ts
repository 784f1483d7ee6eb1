import { listInbox } from "../../shared/domain/people/list-inbox.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listInboxEndpoint = endpoint(
  runOperations.listInbox,
  async ({ params, query }, caller, deps) => {
    const { workspace } = params;
    const { actor, grant } = caller;
    const asked = { workspace, actor, mayAnswerUnassigned: grant === "all", ...query };
    return { status: 200, body: await listInbox(deps, asked) };
  },
);
