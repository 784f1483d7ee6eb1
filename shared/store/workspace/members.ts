import { setTimeout } from "node:timers/promises";
import { cancellationOf } from "../../aws/aws-errors.ts";
import type { Member } from "../../model/schemas/member.ts";
import { type Change, type Clause, updateExpression, within } from "../expressions.ts";
import { keys } from "../keys.ts";
import type { Table } from "../table.ts";

/** `moved`: the member is no longer as it was read. `last_admin`: it would leave the workspace without one. */
export type MemberChange = "done" | "moved" | "last_admin";

/** Positions in the transaction that changes an administrator. */
const MEMBER = 0;
const COUNT = 1;

const memberOf = (item: Record<string, unknown>): Member => {
  const { userId, role, permissions, createdAt, updatedAt } = item as unknown as Member;
  return { userId, role, permissions, createdAt, updatedAt };
};

/** How much a change adds to the workspace's administrators. */
const adminsAdded = (was: Member | undefined, next: Member | undefined): number =>
  Number(next?.role === "admin") - Number(was?.role === "admin");

const asRead = (was: Member | undefined): Clause =>
  was === undefined
    ? { text: "attribute_not_exists(PK)" }
    : {
        text: "#role = :wasRole AND #permissions = :wasPermissions",
        names: { "#role": "role", "#permissions": "permissions" },
        values: { ":wasRole": was.role, ":wasPermissions": was.permissions },
      };

const changeOf = ({ role, permissions, createdAt, updatedAt, userId }: Member, when: Clause): Change => ({
  set: { userId, role, permissions, createdAt, updatedAt },
  when: [when],
});

/**
 * Who belongs to a workspace. The workspace's own item counts its administrators: whatever makes or unmakes one changes both
 * items in one transaction, so the count is exact under any rivalry and the last one stays. No other change touches it.
 */
export class MemberStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async read(workspace: string, userId: string): Promise<Member | undefined> {
    const item = await this.#table.get(keys.member(workspace, userId));
    return item && memberOf(item);
  }

  /** All of them, in no order that means anything. */
  async list(workspace: string): Promise<Member[]> {
    const members: Member[] = [];
    for await (const item of this.#table.query({ key: within(keys.workspace(workspace).PK, "MEMBER#") })) {
      members.push(memberOf(item));
    }
    return members;
  }

  /** The member as read becomes `next`; undefined: is, or will be, no member. One conditional write, or one transaction. */
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
        ? await this.#table.deleteIf(key, asRead(was))
        : (await this.#table.update(key, changeOf(next, asRead(was)))).ok;
    return ok ? "done" : "moved";
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
      await this.#table.transact((TableName) => [
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
        return "moved";
      }
      if (cancellation?.conditionFailed(MEMBER) === true) return "moved";
      if (cancellation?.conditionFailed(COUNT) !== true) throw error;
      return (await this.#countAdmins(workspace)) ? "moved" : "last_admin";
    }
  }

  /**
   * Counts the administrators of a workspace that was made before they were counted; false where the count was there. Nobody
   * becomes or ceases to be one in between, since every such change asks for the count.
   */
  async #countAdmins(workspace: string): Promise<boolean> {
    const adminCount = (await this.list(workspace)).filter(({ role }) => role === "admin").length;
    const { ok } = await this.#table.update(keys.workspace(workspace), {
      set: { adminCount },
      when: [{ text: "attribute_exists(PK) AND attribute_not_exists(adminCount)" }],
    });
    return ok;
  }
}
