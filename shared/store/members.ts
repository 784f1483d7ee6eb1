import type { Role } from "../model/api/access.ts";
import type { Table } from "./client.ts";
import { keys } from "./table.ts";

export interface MemberRecord {
  readonly userId: string;
  readonly role: Role;
  /** What steps with `Requires` ask for. */
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Who belongs to a workspace. */
export class MemberStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async read(workspace: string, userId: string): Promise<MemberRecord | undefined> {
    return (await this.#table.get(keys.member(workspace, userId))) as MemberRecord | undefined;
  }

  /** Makes the user an administrator; a member keeps their permissions. */
  async makeAdmin(workspace: string, userId: string, now: string): Promise<void> {
    const key = keys.member(workspace, userId);
    const fresh: MemberRecord = { userId, role: "admin", permissions: [], createdAt: now, updatedAt: now };
    for (;;) {
      if (await this.#table.putIfAbsent({ ...key, ...fresh })) return;
      const { ok } = await this.#table.update(key, {
        set: { role: "admin", updatedAt: now },
        when: [{ text: "attribute_exists(PK)" }],
      });
      if (ok) return;
    }
  }
}
