import type { Composition } from "../composition.ts";
import type { DynamoDbEngine } from "../dynamodb/engine.ts";
import { readItem } from "../dynamodb/read-item.ts";
import { EventSource } from "./event-source.ts";
import { TableStream } from "./table-stream.ts";

type Parts = Pick<
  ConstructorParameters<typeof EventSource>[0],
  "database" | "clock" | "activity" | "lambda" | "deadLetters"
> & { readonly engine: DynamoDbEngine };

/** The table's stream and the mapping that brings it to its function. */
export interface OpenStream {
  readonly stream: TableStream;
  readonly source: EventSource;
  close(): void;
}

/** Undefined where nobody hears of the table's changes. */
export function openStream({ stream: definition }: Composition, parts: Parts): OpenStream | undefined {
  if (definition === undefined) return undefined;
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
