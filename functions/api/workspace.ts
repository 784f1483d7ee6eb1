import { deleteMember, listMembers, putMember, readMember } from "../../shared/domain/workspace/members.ts";
import { putWorkspace } from "../../shared/domain/workspace/put-workspace.ts";
import { deleteView, listViews, readView, saveView } from "../../shared/domain/workspace/views.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { settingsOperations } from "../../shared/model/api/settings-operations.ts";
import { viewOperations } from "../../shared/model/api/view-operations.ts";
import { iso } from "../../shared/model/time/clock.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const putWorkspaceEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.putWorkspace, async ({ params, body }) => {
    const { created, workspace } = await putWorkspace(deps, { ...body, workspace: params.workspace });
    return { status: created ? 201 : 200, body: workspace };
  });

export const getSettingsEndpoint = (deps: Dependencies) =>
  endpoint(deps, settingsOperations.getSettings, async ({ params }) => ({
    status: 200,
    body: await deps.settings.read(params.workspace),
  }));

export const putSettingsEndpoint = (deps: Dependencies) =>
  endpoint(deps, settingsOperations.putSettings, async ({ params, body }) => ({
    status: 200,
    body: await deps.settings.change(params.workspace, body, iso(deps.clock.now())),
  }));

export const listMembersEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.listMembers, async ({ params, query }, caller) => ({
    status: 200,
    body: await listMembers(deps, caller, params.workspace, query),
  }));

export const getMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.getMember, async ({ params: { workspace, userId } }, caller) => ({
    status: 200,
    body: await readMember(deps, caller, workspace, userId),
  }));

export const putMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.putMember, async ({ params: { workspace, userId }, body }) => {
    const { created, member } = await putMember(deps, { ...body, workspace, userId });
    return { status: created ? 201 : 200, body: member };
  });

export const deleteMemberEndpoint = (deps: Dependencies) =>
  endpoint(deps, memberOperations.deleteMember, async ({ params: { workspace, userId } }) => {
    await deleteMember(deps, { workspace, userId });
    return { status: 204 };
  });

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
