import { putWorkspace } from "../../shared/domain/workspace/put-workspace.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const putWorkspaceEndpoint = endpoint(
  flowOperations.putWorkspace,
  async ({ params, body }, _caller, deps) => {
    const { created, workspace } = await putWorkspace(deps, { ...body, workspace: params.workspace });
    return { status: created ? 201 : 200, body: workspace };
  },
);
