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

/** The owner of a token. */
export type Identity =
  | { readonly kind: "user"; readonly id: string; readonly platform: boolean }
  | {
      readonly kind: "client";
      readonly id: string;
      readonly scopes: readonly string[];
      readonly workspaces: readonly string[];
    };

/** The caller, and their permissions in this call. */
export interface Caller {
  readonly actor: Actor;
  /** A member's role; a machine client and a platform administrator have none. */
  readonly role?: Role;
  readonly grant: Grant;
  /** Returns the caller's grant for another permission, if the body decides which one is needed. */
  readonly grantOf: (permission: Permission) => Grant | undefined;
  /** The member's own permissions, which steps may require. */
  readonly permissions: readonly string[];
}

/**
 * Authorizes a call. Throws `not_found` for an identity that does not belong to the workspace, whether the workspace exists or
 * not, and `forbidden` for one that lacks the permission.
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

/** Throws `forbidden` unless the caller may vouch for permissions that another user lacks. */
export const refuseUnlessMayOverride = ({ role }: Caller): void => {
  if (role !== undefined && roleGrant(role, "override-access") !== undefined) return;
  throw overrideForAdminsOnly();
};
