import { isJsonObject, type JsonObject } from "../../../shared/model/json/json.ts";
import { PLACEHOLDER_SIGNATURE } from "../../aws/placeholder-signature.ts";
import { AwsError } from "../../ports/services.ts";
import type { DynamoDbEngine } from "../dynoxide.ts";
import { EventSource } from "./event-source.ts";
import { type StreamDefinition, TableStream } from "./table-stream.ts";

type Parts = Pick<
  ConstructorParameters<typeof EventSource>[0],
  "database" | "clock" | "activity" | "lambda" | "deadLetters"
> & { readonly engine: DynamoDbEngine };

/** A table's stream and the function that receives its records. */
export interface StreamTarget extends StreamDefinition {
  readonly function: string;
  readonly batchSize: number;
  readonly retryAttempts: number;
}

/** A table's stream and the event source mapping that invokes its function. */
export interface OpenStream {
  readonly stream: TableStream;
  readonly source: EventSource;
  close(): void;
}

export function openStream(definition: StreamTarget, parts: Parts): OpenStream {
  const { database, clock, engine } = parts;
  const source = new EventSource({ ...parts, ...definition, functionName: definition.function });
  const stream = new TableStream({
    ...{ definition, database, clock },
    read: (key) => readItem(engine, definition.table, key),
    out: (entry) => source.push(entry),
  });
  const close = (): void => {
    stream.close();
    source.close();
  };
  return { stream, source, close };
}

/**
 * Reads the item with that key, strongly consistent, in DynamoDB's JSON. The read belongs to the stack itself and is not metered.
 * @throws AwsError
 */
async function readItem(
  engine: DynamoDbEngine,
  table: string,
  key: JsonObject,
): Promise<JsonObject | undefined> {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.GetItem",
    ...PLACEHOLDER_SIGNATURE,
  };
  const body = Buffer.from(JSON.stringify({ TableName: table, Key: key, ConsistentRead: true }));
  const answer = await engine.send(headers, body).catch((error: Error) => {
    throw new AwsError("InternalServerError", `The DynamoDB engine did not answer: ${error.message}`, 500);
  });
  const content: unknown = answer.status === 200 ? JSON.parse(answer.body.toString()) : undefined;
  if (!isJsonObject(content))
    throw new AwsError("InternalServerError", "The DynamoDB engine could not read the item", 500);
  const item = content["Item"];
  return isJsonObject(item) ? item : undefined;
}
