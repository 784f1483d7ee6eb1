import type { DynamoDbEngine } from "../dynoxide.ts";
import { readItem } from "../read-item.ts";
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
