import type { CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { INDEXES, KEY } from "../../shared/store/table-definition.ts";
import { REGION } from "../aws/function-name.ts";

/**
 * Creates the table, or adds the indexes that a table of an earlier release lacks, and waits until it is active. `run` makes the calls under
 * the caller's name.
 */
export async function createTable(
  endpoint: string,
  definition: CreateTableCommandInput,
  run: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  // Loaded late, because the SDK is the slowest import and the engine starts in the meantime.
  const { CreateTableCommand, DynamoDBClient, ResourceInUseException, waitUntilTableExists } = await import(
    "@aws-sdk/client-dynamodb"
  );
  const { TableName } = definition;
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await run(async () => {
      try {
        await client.send(new CreateTableCommand(definition));
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error;
        await addIndexes(client, definition);
      }
      await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });
    });
  } finally {
    client.destroy();
  }
}

/** Adds the missing indexes one after the other, as DynamoDB requires. */
async function addIndexes(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  const { DescribeTableCommand, UpdateTableCommand } = await import("@aws-sdk/client-dynamodb");
  const { TableName, AttributeDefinitions } = definition;
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const known = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  for (const index of definition.GlobalSecondaryIndexes ?? []) {
    if (known.includes(index.IndexName)) continue;
    const GlobalSecondaryIndexUpdates = [{ Create: index }];
    await client.send(
      new UpdateTableCommand({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates }),
    );
  }
}

/** The table that `shared/store/table.ts` defines, as CreateTable's input. */
export function tableDefinition(name: string): CreateTableCommandInput {
  const indexes = Object.values(INDEXES);
  const names = new Set<string>([
    KEY.partition,
    KEY.sort,
    ...indexes.flatMap(({ partition, sort }) => [partition, sort]),
  ]);
  const keySchema = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: "HASH" as const },
    { AttributeName: sort, KeyType: "RANGE" as const },
  ];
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    KeySchema: keySchema(KEY.partition, KEY.sort),
    GlobalSecondaryIndexes: indexes.map(({ name, partition, sort, include }) => ({
      IndexName: name,
      KeySchema: keySchema(partition, sort),
      Projection:
        include.length > 0
          ? { ProjectionType: "INCLUDE", NonKeyAttributes: [...include] }
          : { ProjectionType: "KEYS_ONLY" },
    })),
  };
}
