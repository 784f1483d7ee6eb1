import { putSettingsSchema, workspaceSettingsSchema } from "../schemas/workspace-settings.ts";
import { operation } from "./operation.ts";

export const settingsOperations = {
  getSettings: operation("getSettings", {
    summary: "Read a workspace's settings",
    tag: "Workspaces",
    permission: "read-settings",
    answers: { 200: { description: "The settings", schema: workspaceSettingsSchema } },
  }),
  putSettings: operation("putSettings", {
    summary: "Change a workspace's settings",
    tag: "Workspaces",
    permission: "manage-settings",
    body: putSettingsSchema,
    answers: { 200: { description: "All settings after the change", schema: workspaceSettingsSchema } },
  }),
} as const;
