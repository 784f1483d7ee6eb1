import type { Member } from "../../model/schemas/member.ts";
import { indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEXES } from "../table-definition.ts";

export interface WorkspaceItem {
  readonly workspace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export class WorkspaceStore extends TableStore {
  async read(workspace: string): Promise<WorkspaceItem | undefined> {
    return (await this.table.get(keys.workspace(workspace))) as WorkspaceItem | undefined;
  }

  /** Returns all workspaces. One that was created a moment ago may be missing. */
  async *list(): AsyncGenerator<string> {
    const key = { text: "dueKey = :list", values: { ":list": indexKeys.workspaces } };
    for await (const { PK } of this.table.query({ index: INDEXES.due.name, key })) {
      yield String(PK).slice("W#".length);
    }
  }

  /** Writes the workspace and its first members, at most 99, in one transaction. Returns false if the workspace exists. */
  async create(record: WorkspaceItem, members: readonly Member[]): Promise<boolean> {
    const { workspace } = record;
    const adminCount = members.filter(({ role }) => role === "admin").length;
    const listed = { dueKey: indexKeys.workspaces, due: record.createdAt };
    const ConditionExpression = "attribute_not_exists(PK)";
    // A conflict is another creation, whose result the caller then reads.
    return this.table.tryTransact((TableName) => [
      {
        Put: {
          TableName,
          Item: { ...keys.workspace(workspace), ...record, adminCount, ...listed },
          ConditionExpression,
        },
      },
      ...members.map((member) => ({
        Put: {
          TableName,
          Item: { ...keys.member(workspace, member.userId), ...member },
          ConditionExpression,
        },
      })),
    ]);
  }

  /** Renames the workspace, if a name is given, and records the time. Returns undefined if there is no such workspace. */
  async touch(workspace: string, name: string | undefined, now: string): Promise<WorkspaceItem | undefined> {
    const written = await this.table.update(keys.workspace(workspace), {
      set: name === undefined ? { updatedAt: now } : { name, updatedAt: now },
      when: [{ text: "attribute_exists(PK)" }],
    });
    return written.ok ? (written.item as unknown as WorkspaceItem) : undefined;
  }
}
