import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { REGION } from "../lambda/function-name.ts";

/** Creates the table unless it exists, and waits until it can be used. `run` makes the calls in the caller's name. */
export async function createTable(
  url: string,
  definition: CreateTableCommandInput,
  run: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  // Loaded late: the SDK is the slowest import, and the engine starts meanwhile.
  const { CreateTableCommand, DynamoDBClient, ResourceInUseException, waitUntilTableExists } = await import(
    "@aws-sdk/client-dynamodb"
  );
  const client = new DynamoDBClient({
    endpoint: `${url}/aws/dynamodb`,
    region: REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await run(async () => {
      try {
        await client.send(new CreateTableCommand(definition));
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error;
      }
      await waitUntilTableExists(
        { client, maxWaitTime: 10, minDelay: 1 },
        { TableName: definition.TableName },
      );
    });
  } finally {
    client.destroy();
  }
}
