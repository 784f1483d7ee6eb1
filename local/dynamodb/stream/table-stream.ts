import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { AwsAnswer } from "../../aws/endpoint.ts";
import { REGION } from "../../aws/function-name.ts";
import type { Clock } from "../../ports/clock.ts";
import { AwsError } from "../../ports/services.ts";
import { ItemRevisions } from "./item-revisions.ts";
import { type ItemWrite, isWrite, itemWrites } from "./item-writes.ts";

/** The changes that the reader of the stream receives. */
export interface StreamDefinition {
  readonly table: string;
  /** Names of the key's attributes. */
  readonly key: readonly string[];
  /** The numeric attribute that every relevant write increments. */
  readonly revision: string;
  /** The attributes of an old image in addition to the revision. A removed item's old image is complete. */
  readonly oldAttributes: readonly string[];
  readonly filters: readonly Pattern[];
}

/** A record to deliver. */
export interface StreamEntry {
  readonly id: number;
  /** Entries of one lane stay in order. */
  readonly lane: string;
  readonly sequenceNumber: string;
  /** The record as JSON text, in Lambda's format. */
  readonly text: string;
}

interface Row {
  readonly id: number;
  readonly keys: JsonObject;
  readonly old: JsonObject | undefined;
}
/** A write that was sent to the engine. */
export interface StreamedWrite {
  /** The engine has answered. */
  end(answer: AwsAnswer): Promise<void>;
  /** The engine has not answered, or not in time. The table shows whether it has written. */
  lost(): void;
}

/** Milliseconds after a lost answer at which the table is read. A write that takes effect later is not reported. */
const LOOK_AFTER_MS = 1_000;

interface Parts {
  readonly definition: StreamDefinition;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  /** Reads the current item with that key from the engine. */
  readonly read: (keys: JsonObject) => Promise<JsonObject | undefined>;
  /** Delivers a record to its reader, and then calls `forget`. */
  readonly out: (entry: StreamEntry) => void;
}

/**
 * The table's stream. The engine's own stream is not used, because each write scans all earlier records (see
 * docs/decisions). A write is stored on disk before the engine gets it, and its record before the caller gets the answer. A stored
 * write without a record when the stack starts is resolved by reading the item. Every write is therefore streamed at least once, however
 * this process or the engine ends.
 */
export class TableStream {
  readonly #parts: Parts;
  readonly #revisions: ItemRevisions;
  readonly #note: StatementSync;
  readonly #keep: StatementSync;
  readonly #drop: StatementSync;
  /** The JSON of every relevant write contains one of these strings. */
  readonly #marks: readonly string[];
  #place = 0;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#revisions = new ItemRevisions(parts.definition);
    this.#marks = parts.definition.filters.map(markOf);
    this.#parts.database.exec(`CREATE TABLE IF NOT EXISTS stream_write (
      id INTEGER PRIMARY KEY AUTOINCREMENT, keys TEXT NOT NULL, old TEXT, place INTEGER, record TEXT) STRICT`);
    this.#note = this.#parts.database.prepare("INSERT INTO stream_write (keys, old) VALUES (?, ?)");
    this.#keep = this.#parts.database.prepare("UPDATE stream_write SET place = ?, record = ? WHERE id = ?");
    this.#drop = this.#parts.database.prepare("DELETE FROM stream_write WHERE id = ?");
  }

  /** Resolves the writes that an earlier process has stored. Must be called before the first write. */
  async start(): Promise<void> {
    const rows = this.#parts.database.prepare("SELECT * FROM stream_write ORDER BY place, id").all();
    for (const { id, keys, place, record } of rows) {
      if (record === null) continue;
      this.#place = Math.max(this.#place, Number(place));
      this.#hand(Number(id), JSON.parse(String(keys)), String(place), String(record));
    }
    for (const { id, keys, old, record } of rows) {
      if (record !== null) continue;
      await this.#settle({
        id: Number(id),
        keys: JSON.parse(String(keys)),
        old: old === null ? undefined : JSON.parse(String(old)),
      });
    }
  }

  close(): void {
    this.#closed = true;
  }

  /** To be called before the engine gets the request; returns undefined if nothing in it is relevant. @throws AwsError */
  async begin(operation: string, text: Buffer): Promise<StreamedWrite | undefined> {
    if (!this.#mayInterest(operation, text)) return undefined;
    const body = parse(text);
    if (!isJsonObject(body)) return undefined;
    const { table, key } = this.#parts.definition;
    const writes = itemWrites(operation, body, table, key).filter((write) => this.#interests(write));
    if (writes.length === 0) return undefined;
    const noted: { write: ItemWrite; row: Row }[] = [];
    for (const write of writes) {
      const old = await this.#before(write);
      if (this.#closed) throw new AwsError("InternalServerError", "The stack is closing", 500);
      const { lastInsertRowid } = this.#note.run(
        JSON.stringify(write.keys),
        old === undefined ? null : JSON.stringify(old),
      );
      noted.push({ write, row: { id: Number(lastInsertRowid), keys: write.keys, old } });
    }
    return {
      end: (answer) => this.#end(noted, operation, body, answer),
      lost: () => {
        for (const { row } of noted) this.#lookLater(row);
      },
    };
  }

  async #end(
    noted: readonly { write: ItemWrite; row: Row }[],
    operation: string,
    body: JsonObject,
    answer: AwsAnswer,
  ): Promise<void> {
    if (this.#closed) return;
    if (answer.status >= 500) {
      for (const { row } of noted) this.#lookLater(row);
      return;
    }
    for (const { write, row } of noted) {
      if (answer.status >= 300) this.#drop.run(row.id);
      else if (operation === "BatchWriteItem")
        await this.#settle(row); // it may be unresolved
      else if (write.kind === "delete") this.#written(row, undefined);
      else if (write.item !== undefined) this.#written(row, write.item);
      else {
        const image = body["ReturnValues"] === "ALL_NEW" ? attributesOf(answer) : undefined;
        this.#written(row, image ?? (await this.#parts.read(row.keys)));
      }
    }
  }

  /** Most writes are not relevant to the stream and are not parsed. */
  #mayInterest(operation: string, text: Buffer): boolean {
    if (!isWrite(operation)) return false;
    if (operation === "UpdateItem" && !text.includes(this.#parts.definition.revision)) return false;
    return this.#marks.some((mark) => text.includes(mark));
  }

  #interests(write: ItemWrite): boolean {
    if (write.kind === "update" && !write.mentions(this.#parts.definition.revision)) return false;
    const event = write.kind === "delete" ? ["REMOVE"] : write.isNew ? ["INSERT"] : ["INSERT", "MODIFY"];
    const known: JsonObject = { Keys: write.keys, ...(write.item && { NewImage: write.item }) };
    return this.#parts.definition.filters.some((filter) => {
      const { eventName, dynamodb } = filter;
      const { Keys, NewImage } = (dynamodb ?? {}) as Record<string, Pattern>;
      const wanted = { ...(Keys && { Keys }), ...(NewImage && write.item && { NewImage }) };
      return (
        event.some((name) => matches({ ...(eventName && { eventName }) }, { eventName: name })) &&
        matches(wanted, known)
      );
    });
  }

  /** The attributes of the item before the write that an old image contains. */
  async #before(write: ItemWrite): Promise<JsonObject | undefined> {
    if (write.kind === "delete") return this.#parts.read(write.keys);
    if (write.isNew) return undefined;
    const known = this.#revisions.get(write.keys);
    if (known !== undefined) return known;
    const item = await this.#parts.read(write.keys);
    return item && this.#revisions.part(item);
  }

  #lookLater(row: Row): void {
    setTimeout(() => void this.#settle(row), LOOK_AFTER_MS).unref();
  }

  /** Determines from the item whether the engine has written. */
  async #settle(row: Row): Promise<void> {
    if (this.#closed) return;
    try {
      const item = await this.#parts.read(row.keys);
      if (!this.#closed) this.#written(row, item);
    } catch {
      this.#lookLater(row);
    }
  }

  /** @param item the item after the write */
  #written(row: Row, item: JsonObject | undefined): void {
    const revisions = this.#revisions;
    const seen = revisions.get(row.keys);
    const old = item !== undefined && revisions.isLater(seen, row.old) ? seen : row.old;
    if (item === undefined) revisions.forget(row.keys);
    else if (!revisions.isLater(item, old))
      return void this.#drop.run(row.id); // a concurrent write's record reports it, or nothing was written
    else revisions.note(row.keys, item);
    if (item === undefined && old === undefined) return void this.#drop.run(row.id);
    const eventName = item === undefined ? "REMOVE" : old === undefined ? "INSERT" : "MODIFY";
    this.#place += 1;
    const sequenceNumber = String(this.#place);
    const record: JsonObject = {
      ...{ eventID: sequenceNumber, eventName, eventVersion: "1.1" },
      ...{ eventSource: "aws:dynamodb", awsRegion: REGION },
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#parts.clock.now() / 1_000),
        Keys: row.keys,
        ...(item === undefined ? {} : { NewImage: item }),
        ...(old === undefined ? {} : { OldImage: old }),
        ...{ SequenceNumber: sequenceNumber, StreamViewType: "NEW_AND_OLD_IMAGES" },
      },
    };
    if (!this.#parts.definition.filters.some((filter) => matches(filter, record))) {
      this.#drop.run(row.id);
      return;
    }
    const text = JSON.stringify(record);
    this.#keep.run(this.#place, text, row.id);
    this.#hand(row.id, row.keys, sequenceNumber, text);
  }

  #hand(id: number, keys: JsonObject, sequenceNumber: string, text: string): void {
    const lane = JSON.stringify(keys[this.#parts.definition.key[0] ?? ""]);
    this.#parts.out({ id, lane, sequenceNumber, text });
  }
}

/**
 * Returns the string that the filter's first rule on a sort key requires in a write's JSON; "" for a filter without such a
 * rule.
 */
function markOf(filter: Pattern): string {
  const { dynamodb } = filter as {
    readonly dynamodb?: { readonly Keys?: { readonly SK?: { readonly S?: readonly unknown[] } } };
  };
  const [rule, ...more] = dynamodb?.Keys?.SK?.S ?? [];
  if (more.length > 0) return "";
  if (typeof rule === "string") return JSON.stringify(rule);
  const prefix = (rule as { prefix?: unknown } | undefined)?.prefix;
  return typeof prefix === "string" ? JSON.stringify(prefix).slice(0, -1) : "";
}

function parse(text: string | Buffer): Json | undefined {
  try {
    return JSON.parse(text.toString()) as Json;
  } catch {
    return undefined;
  }
}

function attributesOf(answer: AwsAnswer): JsonObject | undefined {
  const content = parse(answer.body);
  const attributes: Json | undefined = isJsonObject(content) ? content["Attributes"] : undefined;
  return isJsonObject(attributes) ? attributes : undefined;
}

/** A filter pattern of an event source mapping: an object with the event's structure, whose leaves list the accepted values. */
interface Pattern {
  readonly [name: string]: Pattern | readonly Rule[];
}
type Rule =
  | string
  | { readonly prefix: string }
  | { readonly exists: boolean }
  | { readonly "anything-but": readonly string[] };

/** Matches an event like Lambda (Developer Guide, "Event filtering"), for the rules used here: every leaf must match one of its rules. */
function matches(pattern: Pattern, value: Json | undefined): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const found = isJsonObject(value) ? value[name] : undefined;
    return isRules(wanted) ? wanted.some((rule) => fits(rule, found)) : matches(wanted, found);
  });
}

const isRules = (wanted: Pattern | readonly Rule[]): wanted is readonly Rule[] => Array.isArray(wanted);

function fits(rule: Rule, value: Json | undefined): boolean {
  if (typeof rule === "string") return value === rule;
  if ("exists" in rule) return (value !== undefined) === rule.exists;
  if (typeof value !== "string") return false;
  return "prefix" in rule ? value.startsWith(rule.prefix) : !rule["anything-but"].includes(value);
}
