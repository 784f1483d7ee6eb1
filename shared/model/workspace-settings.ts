/** The settings of a workspace. */
export interface WorkspaceSettings {
  /** Whether members may resume the paused runs that they started. */
  readonly ownersMayResume: boolean;
  /** Whether a resumed run may go on with the permissions that its user had when it was started. */
  readonly resumeWithSameAccess: boolean;
  /** Days after which a run that is over is deleted. */
  readonly retentionDays: number;
}

/** The settings of a workspace that never set any. */
export const DEFAULT_SETTINGS: WorkspaceSettings = {
  ownersMayResume: false,
  resumeWithSameAccess: false,
  retentionDays: 90,
};
