import { type Grant, type Permission, type Role, roleGrant, scopeGrant } from "../../model/access.ts";
import type { Actor } from "../../model/actor.ts";
import type { MemberStore } from "../../store/workspace/members.ts";
import type { SettingsStore } from "../../store/workspace/workspace-settings.ts";
import type { WorkspaceStore } from "../../store/workspace/workspaces.ts";
import {
  forPlatformAdminsOnly,
  overrideForAdminsOnly,
  ownersMayNotResume,
  roleDoesNotAllow,
  scopesDoNotAllow,
  workspaceNotFound,
} from "../refusals.ts";

/** Whose token it is. */
export type Identity =
  | { readonly kind: "user"; readonly id: string; readonly platform: boolean }
  | {
      readonly kind: "client";
      readonly id: string;
      readonly scopes: readonly string[];
      readonly workspaces: readonly string[];
    };

/** Who calls, and what they may do in this call. */
export interface Caller {
  readonly actor: Actor;
  /** A member's role; a machine client and a platform administrator have none. */
  readonly role?: Role;
  readonly grant: Grant;
  /** What they may do by another permission, where a body decides. */
  readonly grantOf: (permission: Permission) => Grant | undefined;
  /** The member's own permissions, which steps may require. */
  readonly permissions: readonly string[];
}

/**
 * Lets an identity into a call, or refuses: `not_found` to whoever does not belong to the workspace, whether it exists or not;
 * `forbidden` to whoever does, and lacks the permission.
 */
export const authorize = async (
  stores: {
    readonly members: MemberStore;
    readonly workspaces: WorkspaceStore;
    readonly settings: SettingsStore;
  },
  identity: Identity,
  workspace: string,
  permission: Permission,
): Promise<Caller> => {
  const actor: Actor = { kind: identity.kind, id: identity.id };
  if (permission === "manage-workspaces") {
    if (identity.kind === "user" && identity.platform) {
      return { actor, grant: "all", grantOf: () => undefined, permissions: [] };
    }
    throw forPlatformAdminsOnly();
  }
  if (identity.kind === "client") {
    const belongs = identity.workspaces.includes(workspace);
    if (!belongs || (await stores.workspaces.read(workspace)) === undefined)
      throw workspaceNotFound(workspace);
    const grantOf = (asked: Permission) => scopeGrant(identity.scopes, asked);
    const grant = grantOf(permission);
    if (grant === undefined) throw scopesDoNotAllow();
    return { actor, grant, grantOf, permissions: [] };
  }
  const member = await stores.members.read(workspace, identity.id);
  if (member === undefined) throw workspaceNotFound(workspace);
  const grantOf = (asked: Permission) => roleGrant(member.role, asked);
  const grant = grantOf(permission);
  if (grant === undefined) throw roleDoesNotAllow(member.role);
  const asOwner = permission === "resume-runs" && grant === "own";
  if (asOwner && !(await stores.settings.read(workspace)).ownersMayResume) {
    throw ownersMayNotResume();
  }
  return { actor, role: member.role, grant, grantOf, permissions: member.permissions };
};

/** To vouch for what another lacks is more than the call itself asks for. Throws `forbidden`. */
export const refuseUnlessMayOverride = ({ role }: Caller): void => {
  if (role !== undefined && roleGrant(role, "override-access") !== undefined) return;
  throw overrideForAdminsOnly();
};
