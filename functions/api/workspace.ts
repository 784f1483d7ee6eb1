import { deleteMember, listMembers, putMember, readMember } from "../../shared/domain/workspace/members.ts";
import { putWorkspace } from "../../shared/domain/workspace/put-workspace.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { memberOperations } from "../../shared/model/api/member-operations.ts";
import { settingsOperations } from "../../shared/model/api/settings-operations.ts";
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
