import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { RunIndex } from "../../shared/store/runs/run-index.ts";
import { Table } from "../../shared/store/table.ts";
import { startEngine } from "./dynoxide.ts";
import { createTable, tableDefinition } from "./table.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

test("a table of an earlier release gets the index that it lacks, with the items that it has", async () => {
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const endpoint = engine.endpoint().href;
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  try {
    const definition = tableDefinition("old");
    const has = ({ IndexName }: { IndexName?: string | undefined }) => IndexName !== "byFailure";
    const attributes = definition.AttributeDefinitions ?? [];
    await client.send(
      new CreateTableCommand({
        ...definition,
        AttributeDefinitions: attributes.filter(
          ({ AttributeName = "" }) => !AttributeName.startsWith("failure"),
        ),
        GlobalSecondaryIndexes: (definition.GlobalSecondaryIndexes ?? []).filter(has),
      }),
    );
    const failure = { failureKey: { S: "W#w#FAIL#0" }, failureAt: { S: "f.1#2026-03-01T00:00:00.000Z#r" } };
    await client.send(
      new PutItemCommand({ TableName: "old", Item: { PK: { S: "W#w#R#r" }, SK: { S: "RUN" }, ...failure } }),
    );
    await createTable(endpoint, definition, (work) => work());
    await createTable(endpoint, definition, (work) => work());
    const { Table: described } = await client.send(new DescribeTableCommand({ TableName: "old" }));
    const names = described?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName);
    expect(names).toEqual(["byFlow", "byStatus", "due", "attention", "byFailure"]);
    const [shard] = new RunIndex(new Table(client, "old")).failures("w", {});
    expect((await shard?.next())?.value).toMatchObject({ failureId: "f.1", runId: "r" });
  } finally {
    client.destroy();
    await engine.close();
  }
});
