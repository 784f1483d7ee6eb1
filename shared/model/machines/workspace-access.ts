/** The tag with which the owner of a state machine or a function opens it to a workspace. */
export const WORKSPACE_TAG = "sluice:workspace";

/** Returns the name of a workspace's aliases of Sluice's functions. A call through an alias proves the workspace. */
export const workspaceAlias = (workspace: string): string => `ws-${workspace}`;
