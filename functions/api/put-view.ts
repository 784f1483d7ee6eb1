import { saveView } from "../../shared/domain/workspace/save-view.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const putViewEndpoint = endpoint(viewOperations.putView, async ({ params, body }, caller, deps) => {
  const { name, filter, shared = false } = body;
  const { workspace, viewId } = params;
  const asked = { workspace, viewId, userId: caller.actor.id };
  const { created, view } = await saveView(deps, asked, { name, filter, shared });
  return { status: created ? 201 : 200, body: view };
});
