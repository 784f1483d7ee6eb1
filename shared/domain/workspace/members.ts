import { isDeepStrictEqual } from "node:util";
import type { Role } from "../../model/access.ts";
import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { Member } from "../../model/schemas/member.ts";
import { iso } from "../../model/time/clock.ts";
import type { MemberStore } from "../../store/workspace/members.ts";
import type { WorkspaceDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { lastAdministrator, memberNotFound, tooManyMemberChanges } from "../refusals.ts";
import type { Caller } from "./authorize.ts";

interface Readers {
  readonly members: MemberStore;
}
type Reader = Pick<Caller, "actor" | "grant">;

const mayRead = ({ actor, grant }: Reader, userId: string): boolean => grant === "all" || actor.id === userId;

/** Lists members, newest first. A caller who may read only their own entry gets only that one. */
export const listMembers = async (
  { members }: Readers,
  reader: Reader,
  workspace: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: Member[]; nextCursor?: string }> => {
  const list = ["members", workspace];
  const before = readCursor(list, cursor);
  const positionOf = ({ createdAt, userId }: Member) => `${createdAt}#${userId}`;
  const found = (await members.list(workspace))
    .filter((member) => mayRead(reader, member.userId))
    .filter((member) => before === undefined || positionOf(member) < before)
    .sort((a, b) => (positionOf(a) < positionOf(b) ? 1 : -1));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined
    ? { items, nextCursor: writeCursor(list, positionOf(last)) }
    : { items };
};

/** Reads one member. A member whom the caller may not see counts as not found. */
export const readMember = async (
  { members }: Readers,
  reader: Reader,
  workspace: string,
  userId: string,
): Promise<Member> => {
  const member = mayRead(reader, userId) ? await members.read(workspace, userId) : undefined;
  if (member === undefined) throw memberNotFound(userId);
  return member;
};

interface MemberRequest {
  readonly workspace: string;
  readonly userId: string;
}

/**
 * Changes a member in one conditional write. `plan` is called again after a concurrent change. If the response to a write was
 * lost, the second read finds its result.
 */
const changeMember = <Next extends Member | undefined>(
  deps: Pick<WorkspaceDependencies, "members" | "metrics">,
  asked: MemberRequest,
  plan: (was: Member | undefined, attempt: number) => Next,
): Promise<{ was: Member | undefined; next: Next }> => {
  const { workspace, userId } = asked;
  return retryOnConflict(
    deps,
    async (attempt) => {
      const was = await deps.members.read(workspace, userId);
      const next = plan(was, attempt);
      if (was === next) return { was, next };
      const outcome = await deps.members.change(workspace, userId, was, next);
      if (outcome === "last_admin") throw lastAdministrator(workspace, userId);
      return outcome === "done" ? { was, next } : "conflict";
    },
    tooManyMemberChanges,
  );
};

interface MemberChanges {
  readonly role: Role;
  readonly permissions?: readonly string[] | undefined;
  /** Null removes it. */
  readonly name?: string | null | undefined;
  /** Null removes it. */
  readonly email?: string | null | undefined;
}

/** Adds a member, or changes them. What the request omits stays as it is. A repeated call changes nothing. */
export const putMember = async (
  deps: WorkspaceDependencies,
  asked: MemberRequest & MemberChanges,
): Promise<{ created: boolean; member: Member }> => {
  const now = iso(deps.clock.now());
  const { userId, role } = asked;
  const plan = (was: Member | undefined): Member => {
    const name = asked.name === undefined ? was?.name : (asked.name ?? undefined);
    const email = asked.email === undefined ? was?.email : (asked.email ?? undefined);
    const permissions = [...(asked.permissions ?? was?.permissions ?? [])];
    const next = {
      userId,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...{ role, permissions, createdAt: was?.createdAt ?? now, updatedAt: was?.updatedAt ?? now },
    };
    return was !== undefined && isDeepStrictEqual(was, next) ? was : { ...next, updatedAt: now };
  };
  const { was, next } = await changeMember(deps, asked, plan);
  return { created: was === undefined, member: next };
};

/** Removes a member; their runs stay. Throws `not_found` for a person who is not a member. */
export const deleteMember = async (
  deps: Pick<WorkspaceDependencies, "members" | "metrics">,
  asked: MemberRequest,
): Promise<void> => {
  await changeMember(deps, asked, (was, attempt) => {
    // After an attempt of our own, a missing member is the requested result.
    if (was === undefined && attempt === 1) throw memberNotFound(asked.userId);
    return undefined;
  });
};
