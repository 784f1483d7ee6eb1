import { deleteView, listViews, readView, saveView } from "../../shared/domain/workspace/views.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const listViewsEndpoint = (deps: Dependencies) =>
  endpoint(deps, viewOperations.listViews, async ({ params, query }, caller) => {
    const page = await listViews(deps.views, params.workspace, caller.actor.id, query);
    return { status: 200, body: page };
  });

export const getViewEndpoint = (deps: Dependencies) =>
  endpoint(deps, viewOperations.getView, async ({ params }, caller) => {
    const view = await readView(deps.views, { ...params, userId: caller.actor.id });
    return { status: 200, body: view };
  });

export const putViewEndpoint = (deps: Dependencies) =>
  endpoint(deps, viewOperations.putView, async ({ params, body }, caller) => {
    const { name, filter, shared = false } = body;
    const { workspace, viewId } = params;
    const asked = { workspace, viewId, userId: caller.actor.id };
    const { created, view } = await saveView(deps, asked, { name, filter, shared });
    return { status: created ? 201 : 200, body: view };
  });

export const deleteViewEndpoint = (deps: Dependencies) =>
  endpoint(deps, viewOperations.deleteView, async ({ params }, caller) => {
    const { workspace, viewId } = params;
    const asked = { workspace, viewId, userId: caller.actor.id };
    await deleteView(deps, asked, caller.role === "admin");
    return { status: 204 };
  });
