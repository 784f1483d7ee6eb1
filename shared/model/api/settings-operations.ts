import { putSettingsSchema, workspaceSettingsSchema } from "../schemas/workspace-settings.ts";
import { operation } from "./operation.ts";

const SETTINGS = "/v1/workspaces/{workspace}/settings";

export const settingsOperations = {
  getSettings: operation({
    id: "getSettings",
    method: "GET",
    path: SETTINGS,
    summary: "Read a workspace's settings",
    tag: "Workspaces",
    permission: "read-settings",
    answers: { 200: { description: "The settings", schema: workspaceSettingsSchema } },
    errors: [],
  }),
  putSettings: operation({
    id: "putSettings",
    method: "PUT",
    path: SETTINGS,
    summary: "Change a workspace's settings",
    tag: "Workspaces",
    permission: "manage-settings",
    body: putSettingsSchema,
    answers: { 200: { description: "All settings, as they are now", schema: workspaceSettingsSchema } },
    errors: [],
  }),
} as const;
