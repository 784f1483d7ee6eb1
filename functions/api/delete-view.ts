import { deleteView } from "../../shared/domain/workspace/save-view.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const deleteViewEndpoint = endpoint(viewOperations.deleteView, async ({ params }, caller, deps) => {
  const { workspace, viewId } = params;
  const asked = { workspace, viewId, userId: caller.actor.id };
  await deleteView(deps, asked, caller.role === "admin");
  return { status: 204 };
});
