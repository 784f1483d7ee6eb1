import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ROLES } from "../../shared/model/access.ts";
import { iso } from "../../shared/model/time/clock.ts";
import { Table } from "../../shared/store/table.ts";
import { WorkspaceStore } from "../../shared/store/workspace/workspaces.ts";
import type { RunningStack } from "../stack/composition.ts";

/** Creates the default workspace with a user for each role, named after the role. An existing workspace is not changed. */
export async function prepareWorkspace({ workspace, clock }: RunningStack, tableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    const times = { createdAt: iso(clock.now()), updatedAt: iso(clock.now()) };
    await new WorkspaceStore(new Table(client, tableName)).create(
      { workspace, name: workspace, ...times },
      ROLES.map((role) => ({ userId: role, role, permissions: [], ...times })),
    );
  } finally {
    client.destroy();
  }
}
