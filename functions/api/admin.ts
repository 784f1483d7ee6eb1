import { bundle } from "../middleware/http.ts";
import { getSettingsEndpoint } from "./get-settings.ts";
import { putSettingsEndpoint } from "./put-settings.ts";
import { putWorkspaceEndpoint } from "./put-workspace.ts";

export const handler = bundle(putWorkspaceEndpoint, getSettingsEndpoint, putSettingsEndpoint);
