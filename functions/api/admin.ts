import { bundle } from "../middleware/http.ts";
import { deleteMemberEndpoint } from "./delete-member.ts";
import { getSettingsEndpoint } from "./get-settings.ts";
import { putMemberEndpoint } from "./put-member.ts";
import { putSettingsEndpoint } from "./put-settings.ts";
import { putWorkspaceEndpoint } from "./put-workspace.ts";

export const handler = bundle(
  putWorkspaceEndpoint,
  putMemberEndpoint,
  deleteMemberEndpoint,
  getSettingsEndpoint,
  putSettingsEndpoint,
);
