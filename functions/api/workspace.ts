import { putWorkspace } from "../../shared/domain/workspace/put-workspace.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
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
