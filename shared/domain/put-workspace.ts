import type { Workspace } from "../model/api/responses.ts";
import { type Clock, iso } from "../model/clock.ts";
import type { MemberStore } from "../store/members.ts";
import type { WorkspaceStore } from "../store/workspaces.ts";

export interface WorkspaceTools {
  readonly clock: Clock;
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
}

/**
 * Creates a workspace or adds to it; asking again with the same words changes nothing.
 * The workspace comes first: members of a workspace that does not exist could never be listed.
 */
export const putWorkspace = async (
  tools: WorkspaceTools,
  asked: {
    readonly workspace: string;
    readonly name?: string | undefined;
    readonly admins: readonly string[];
  },
): Promise<{ created: boolean; workspace: Workspace }> => {
  const now = iso(tools.clock.now());
  const admins = [...new Set(asked.admins)];
  const { created, record } = await tools.workspaces.put(asked.workspace, asked.name, now);
  await Promise.all(admins.map((userId) => tools.members.makeAdmin(asked.workspace, userId, now)));
  const { workspace, name, createdAt, updatedAt } = record;
  return { created, workspace: { workspace, name, admins, createdAt, updatedAt } };
};
