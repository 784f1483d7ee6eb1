import { putSettingsSchema, workspaceSettingsSchema } from "../schemas/workspace-settings.ts";
import { operations, reading } from "./operation.ts";

export const settingsOperations = operations({
  getSettings: reading(
    { tag: "Workspaces", permission: "read-settings" },
    "Read a workspace's settings",
    "The settings",
    workspaceSettingsSchema,
  ),
  putSettings: {
    summary: "Change a workspace's settings",
    tag: "Workspaces",
    permission: "manage-settings",
    body: putSettingsSchema,
    answers: { 200: { description: "All settings after the change", schema: workspaceSettingsSchema } },
  },
});
