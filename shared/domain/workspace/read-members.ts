import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { Member } from "../../model/schemas/member.ts";
import type { MemberStore } from "../../store/workspace/members.ts";
import { memberNotFound } from "../refusals.ts";
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

/** Reads one member. A member whom the reader may not see is reported as unknown. */
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
