import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { deleteMemberEndpoint } from "./delete-member.ts";
import { deleteViewEndpoint } from "./delete-view.ts";
import { getSettingsEndpoint } from "./get-settings.ts";
import { getViewEndpoint } from "./get-view.ts";
import { listViewsEndpoint } from "./list-views.ts";
import { putMemberEndpoint } from "./put-member.ts";
import { putSettingsEndpoint } from "./put-settings.ts";
import { putViewEndpoint } from "./put-view.ts";
import { putWorkspaceEndpoint } from "./put-workspace.ts";

export const createAdminHandler = (deps: Dependencies) =>
  apiHandler(
    [
      putWorkspaceEndpoint,
      putMemberEndpoint,
      deleteMemberEndpoint,
      getSettingsEndpoint,
      putSettingsEndpoint,
      listViewsEndpoint,
      getViewEndpoint,
      putViewEndpoint,
      deleteViewEndpoint,
    ],
    deps,
  );
