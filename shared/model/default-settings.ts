import type { WorkspaceSettings } from "./workspace-settings.ts";

/** Those of a workspace that never set any. */
export const DEFAULT_SETTINGS: WorkspaceSettings = {
  ownersMayResume: false,
  resumeWithSameAccess: false,
  retentionDays: 90,
};
