/** The form of the ids of flows and workspaces. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
