import { listViews } from "../../shared/domain/workspace/read-views.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listViewsEndpoint = endpoint(
  viewOperations.listViews,
  async ({ params, query }, caller, tools) => {
    const page = await listViews(tools.views, params.workspace, caller.actor.id, query);
    return { status: 200, body: page };
  },
);
