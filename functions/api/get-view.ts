import { readView } from "../../shared/domain/workspace/read-views.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getViewEndpoint = endpoint(viewOperations.getView, async ({ params }, caller, deps) => {
  const view = await readView(deps.views, params.workspace, caller.actor.id, params.viewId);
  return { status: 200, body: view };
});
