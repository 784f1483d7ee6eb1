import { listViews } from "../../shared/domain/workspace/read-views.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listViewsEndpoint = endpoint(
  viewOperations.listViews,
  async ({ params, query }, caller, deps) => {
    const page = await listViews(deps.views, params.workspace, caller.actor.id, query);
    return { status: 200, body: page };
  },
);
