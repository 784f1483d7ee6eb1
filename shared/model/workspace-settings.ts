/** The settings of a workspace. */
export interface WorkspaceSettings {
  /** Whether members may resume the paused runs that they started. */
  readonly ownersMayResume: boolean;
  /** Whether a resumed run may keep the permissions that its user had when it was started. */
  readonly resumeWithSameAccess: boolean;
  /** Days after which an ended run is deleted. */
  readonly retentionDays: number;
}

/** The settings of a workspace that has not changed any. */
export const DEFAULT_SETTINGS: WorkspaceSettings = {
  ownersMayResume: false,
  resumeWithSameAccess: false,
  retentionDays: 90,
};
