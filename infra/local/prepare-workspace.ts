import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { iso } from "../../shared/model/clock.ts";
import { Table } from "../../shared/store/client.ts";
import type { MemberRecord } from "../../shared/store/members.ts";
import { keys } from "../../shared/store/table.ts";
import { WorkspaceStore } from "../../shared/store/workspaces.ts";
import type { RunningStack } from "./composition.ts";

/** A user for each role, of its name. */
const ROLES = ["admin", "operator", "viewer", "member"] as const;

/** The workspace that exists from the start, and its members; what is there already stays as it is. */
export async function prepareWorkspace({ workspace, clock }: RunningStack, tableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    const table = new Table(client, tableName);
    const workspaces = new WorkspaceStore(table);
    const now = iso(clock.now());
    if ((await workspaces.read(workspace)) === undefined) await workspaces.put(workspace, undefined, now);
    await Promise.all(
      ROLES.map((role) => {
        const member: MemberRecord = { userId: role, role, permissions: [], createdAt: now, updatedAt: now };
        return table.putIfAbsent({ ...keys.member(workspace, role), ...member });
      }),
    );
  } finally {
    client.destroy();
  }
}
