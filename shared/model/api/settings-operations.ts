import { putSettingsSchema, workspaceSettingsSchema } from "../schemas/workspace-settings.ts";
import { operations, reading, tagged } from "./operation.ts";

const workspaces = tagged("Workspaces");

export const settingsOperations = operations({
  getSettings: reading(
    workspaces("read-settings"),
    "Read a workspace's settings",
    "The settings",
    workspaceSettingsSchema,
  ),
  putSettings: {
    summary: "Change a workspace's settings",
    ...workspaces("manage-settings"),
    body: putSettingsSchema,
    answers: { 200: { description: "All settings after the change", schema: workspaceSettingsSchema } },
  },
});
