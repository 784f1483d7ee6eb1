import type { Workspace } from "../../model/api/responses.ts";
import type { Member } from "../../model/schemas/member.ts";
import { iso } from "../../model/time/clock.ts";
import type { WorkspaceItem } from "../../store/workspace/workspaces.ts";
import type { WorkspaceDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { tooManyWorkspaceChanges } from "../refusals.ts";
import { putMember } from "./members.ts";

interface WorkspaceRequest {
  readonly workspace: string;
  readonly name?: string | undefined;
  readonly admins: readonly string[];
}

/** Creates the workspace with its administrators in one write, or finds the existing one. */
const createOrTouch = (
  deps: WorkspaceDependencies,
  { workspace, name, admins }: WorkspaceRequest,
  now: string,
): Promise<{ created: boolean; record: WorkspaceItem }> => {
  const fresh = { workspace, name: name ?? workspace, createdAt: now, updatedAt: now };
  const members = admins.map(
    (userId): Member => ({ userId, role: "admin", permissions: [], createdAt: now, updatedAt: now }),
  );
  return retryOnConflict(
    deps,
    async () => {
      const found = await deps.workspaces.touch(workspace, name, now);
      if (found !== undefined) return { created: false, record: found };
      return (await deps.workspaces.create(fresh, members)) ? { created: true, record: fresh } : "conflict";
    },
    tooManyWorkspaceChanges,
  );
};

/**
 * Creates a workspace or adds administrators to it. A repeated call changes nothing, and completes the work of a process that
 * died. Members who become administrators keep their permissions.
 */
export const putWorkspace = async (
  deps: WorkspaceDependencies,
  asked: WorkspaceRequest,
): Promise<{ created: boolean; workspace: Workspace }> => {
  const now = iso(deps.clock.now());
  const admins = [...new Set(asked.admins)];
  const { created, record } = await createOrTouch(deps, { ...asked, admins }, now);
  if (!created) {
    // One after the other, since all of them change the same counter.
    for (const userId of admins) {
      await putMember(deps, { workspace: asked.workspace, userId, role: "admin" });
    }
  }
  const { workspace, name, createdAt, updatedAt } = record;
  return { created, workspace: { workspace, name, admins, createdAt, updatedAt } };
};
