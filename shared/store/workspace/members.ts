import { setTimeout } from "node:timers/promises";
import { cancellationOf } from "../../aws/aws-errors.ts";
import type { Member } from "../../model/schemas/member.ts";
import { type Change, type Clause, is, lacks, updateExpression, within } from "../expressions.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

/** `conflict`: the member has changed since it was read. `last_admin`: the workspace would have no administrator left. */
export type MemberChange = "done" | "conflict" | "last_admin";

/** Positions in the transaction that changes an administrator. */
const MEMBER = 0;
const COUNT = 1;

const memberOf = (item: Record<string, unknown>): Member => {
  const { userId, name, email, role, permissions, createdAt, updatedAt } = item as unknown as Member;
  return {
    userId,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...{ role, permissions, createdAt, updatedAt },
  };
};

/** Returns the change in the number of administrators. */
const adminsAdded = (was: Member | undefined, next: Member | undefined): number =>
  Number(next?.role === "admin") - Number(was?.role === "admin");

/** What an administrator can change, and what most members have not. */
const CHANGEABLE = ["role", "permissions", "name", "email"] as const;
const OPTIONAL = ["name", "email"] as const;

/** The member has not changed since it was read. */
const asRead = (was: Member | undefined): Clause => {
  if (was === undefined) return { text: "attribute_not_exists(PK)" };
  const clauses = CHANGEABLE.map((name) => (was[name] === undefined ? lacks(name) : is(name, was[name])));
  return {
    text: clauses.map(({ text }) => text).join(" AND "),
    names: Object.assign({}, ...clauses.map(({ names }) => names)),
    values: Object.assign({}, ...clauses.map(({ values }) => values)),
  };
};

const changeOf = (next: Member, when: Clause): Change => ({
  set: { ...next },
  remove: OPTIONAL.filter((name) => next[name] === undefined),
  when: [when],
});

/**
 * Reads and writes the members of workspaces. The workspace item counts its administrators. A change that adds or removes one
 * writes both items in one transaction, so the count is exact under concurrency and the last administrator cannot be removed.
 */
export class MemberStore extends TableStore {
  read(workspace: string, userId: string): Promise<Member | undefined> {
    return this.table.read(keys.member(workspace, userId), memberOf);
  }

  /** Returns all members, ordered by user id. */
  async list(workspace: string): Promise<Member[]> {
    const members: Member[] = [];
    for await (const item of this.table.query({ key: within(keys.workspace(workspace).PK, "MEMBER#") })) {
      members.push(memberOf(item));
    }
    return members;
  }

  /** Replaces the member as it was read with `next`. Undefined means that there is no member. */
  async change(
    workspace: string,
    userId: string,
    was: Member | undefined,
    next: Member | undefined,
  ): Promise<MemberChange> {
    const added = adminsAdded(was, next);
    if (added !== 0) return this.#changeAdmin(workspace, userId, was, next, added);
    const key = keys.member(workspace, userId);
    const ok =
      next === undefined
        ? await this.table.deleteIf(key, asRead(was))
        : (await this.table.update(key, changeOf(next, asRead(was)))).ok;
    return ok ? "done" : "conflict";
  }

  async #changeAdmin(
    workspace: string,
    userId: string,
    was: Member | undefined,
    next: Member | undefined,
    added: number,
  ): Promise<MemberChange> {
    const Key = keys.member(workspace, userId);
    const when = asRead(was);
    const count = updateExpression({
      add: { adminCount: added },
      when: [
        added > 0
          ? { text: "attribute_exists(adminCount)" }
          : { text: "adminCount > :one", values: { ":one": 1 } },
      ],
    });
    try {
      await this.table.transact((TableName) => [
        next === undefined
          ? {
              Delete: {
                TableName,
                Key,
                ConditionExpression: when.text,
                ExpressionAttributeNames: when.names,
                ExpressionAttributeValues: when.values,
              },
            }
          : { Update: { TableName, Key, ...updateExpression(changeOf(next, when)) } },
        { Update: { TableName, Key: keys.workspace(workspace), ...count } },
      ]);
      return "done";
    } catch (error) {
      const cancellation = cancellationOf(error);
      if (cancellation?.conflict === true) {
        await setTimeout(5 + Math.random() * 50); // lets the other transaction finish
        return "conflict";
      }
      if (cancellation?.conditionFailed(MEMBER) === true) return "conflict";
      if (cancellation?.conditionFailed(COUNT) !== true) throw error;
      return (await this.#countAdmins(workspace)) ? "conflict" : "last_admin";
    }
  }

  /**
   * Counts the administrators of a workspace that an early release created without a count. Returns false if there is a count.
   * The administrators cannot change in between, since such a change requires the count.
   */
  async #countAdmins(workspace: string): Promise<boolean> {
    const adminCount = (await this.list(workspace)).filter(({ role }) => role === "admin").length;
    const { ok } = await this.table.update(keys.workspace(workspace), {
      set: { adminCount },
      when: [{ text: "attribute_exists(PK) AND attribute_not_exists(adminCount)" }],
    });
    return ok;
  }
}
