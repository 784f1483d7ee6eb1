import type { Frame } from "../model/frame.ts";
import { type Database, DatabaseStore, type Row, type WriteBehind } from "./database.ts";
import { MIGRATE_EVENTS } from "./schema.ts";

/** The service's limit: the 25,000th event is the one that fails the execution. */
const EVENT_LIMIT = 25_000;

/** Characters of event details after which a page ends. */
const PAGE_BYTES = 4 * 1024 * 1024;
const CHUNKS_AT_ONCE = 5;

/** The execution has reached the limit of its history. */
export class HistoryFull extends Error {
  constructor() {
    super(`The execution reached the maximum number of history events (${EVENT_LIMIT}).`);
    this.name = "HistoryFull";
  }
}

/** `executionFailedEventDetails` of `ExecutionFailed`; all entered and exited events share one name each. */
const detailsKey = (type: string): string => {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
};

/** Fields that `includeExecutionData: false` omits. */
const DATA = ["input", "output", "parameters", "error", "cause", "assignedVariables"];

export interface Page {
  readonly after: number;
  readonly limit: number;
  readonly reverse: boolean;
  readonly data: boolean;
}

/** Executions whose last event id is cached. */
const MAX_KEPT = 5_000;
/** Events that a database in memory may keep unwritten. */
const MAX_UNWRITTEN = 100_000;

interface Event {
  readonly id: number;
  readonly at: number;
  readonly type: string;
  readonly previous: number;
  readonly details: object | undefined;
}
/** An event with the number of characters of its details. */
type Sized = readonly [Event, number];
const textOf = ({ details }: Event): string | undefined => details && JSON.stringify(details);

/** Characters and events after which a chunk ends: a page reads whole chunks. */
const CHUNK_TEXT = 64 * 1024;
const CHUNK_EVENTS = 100;
const INSERT = "INSERT INTO event_chunks (execution, first, last, events) VALUES (?, ?, ?, ?)";

/** An event in a chunk; no details: null. */
type StoredEvent = [id: number, at: number, type: string, previous: number, details: object | null];
const fromStoredEvent = ([id, at, type, previous, details]: StoredEvent): Event => {
  return { id, at, type, previous, details: details ?? undefined };
};

/** The events of executions: those in the database, followed by those that are not yet written. */
export class History extends DatabaseStore implements WriteBehind {
  readonly #now: () => number;
  readonly #unwritten = new Map<number, Event[]>();
  #unwrittenCount = 0;
  /** Ids of executions' last events. */
  readonly #last = new Map<number, number>();
  constructor(database: Database, now: () => number) {
    super(database);
    this.#now = now;
    database.register(this);
    const old = database.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'");
    if (old !== undefined) database.migrate(MIGRATE_EVENTS);
  }

  get full(): boolean {
    return this.#unwrittenCount > MAX_UNWRITTEN;
  }

  writeAll(): void {
    for (const [execution, events] of this.#unwritten)
      for (const { first, last, text } of chunksOf(events))
        this.database.write(INSERT, execution, first, last, text);
    this.#unwritten.clear();
    this.#unwrittenCount = 0;
    if (this.#last.size > MAX_KEPT) this.#last.clear();
  }

  /** Appends an event and returns its id. @throws HistoryFull if only the event that ends the execution still fits */
  append(execution: number, type: string, previous: number, details?: object): number {
    const ends = type.startsWith("Execution") && type !== "ExecutionStarted" && type !== "ExecutionRedriven";
    const id = this.count(execution) + 1;
    if (id >= EVENT_LIMIT && !ends) throw new HistoryFull();
    this.#last.set(execution, id);
    this.database.scheduleCommit();
    const event = { id, at: this.#now(), type, previous, details };
    const events = this.#unwritten.get(execution);
    if (events) events.push(event);
    else this.#unwritten.set(execution, [event]);
    this.#unwrittenCount += 1;
    this.database.onRollback(() => this.#removeLast(execution));
    return id;
  }

  #removeLast(execution: number): void {
    const events = this.#unwritten.get(execution);
    events?.pop();
    if (events?.length === 0) this.#unwritten.delete(execution);
    this.#unwrittenCount -= 1;
    this.#last.delete(execution);
  }

  /** Appends an event to a frame's thread. */
  record(frame: Frame, type: string, details?: object, previous = frame.lastEvent): number {
    if (!frame.silent) frame.lastEvent = this.append(frame.execution, type, previous, details);
    return frame.lastEvent;
  }

  /** The id of the event that precedes an event in its thread. */
  previousOf(execution: number, event: number): number {
    const [found] = this.page(execution, { after: event - 1, limit: 1, reverse: false, data: false });
    return Number(found?.["previousEventId"] ?? 0);
  }

  /** The number of an execution's events, which is the id of the last one. */
  count(execution: number): number {
    const known = this.#last.get(execution);
    if (known !== undefined) return known;
    const newest = this.#unwritten.get(execution)?.at(-1)?.id;
    const stored = () =>
      this.database.get(
        "SELECT last FROM event_chunks WHERE execution = ? ORDER BY first DESC LIMIT 1",
        execution,
      )?.["last"];
    const last = newest ?? Number(stored() ?? 0);
    this.#last.set(execution, last);
    return last;
  }

  delete(execution: number): void {
    const deleted = this.#unwritten.get(execution) ?? [];
    this.#unwritten.delete(execution);
    this.#unwrittenCount -= deleted.length;
    this.database.onRollback(() => {
      if (deleted.length > 0) this.#unwritten.set(execution, deleted);
      this.#unwrittenCount += deleted.length;
      this.#last.delete(execution);
    });
    this.database.run("DELETE FROM event_chunks WHERE execution = ?", execution);
    this.#last.delete(execution);
  }

  /** Up to `limit` events, fewer if they are large. */
  page(execution: number, { after, limit, reverse, data }: Page): Record<string, unknown>[] {
    const events: Event[] = [];
    let bytes = 0;
    for (const [event, size] of reverse
      ? this.#backwards(execution, after)
      : this.#onwards(execution, after)) {
      events.push(event);
      bytes += size;
      if (events.length >= limit || bytes >= PAGE_BYTES) break;
    }
    return events.map((event) => shown(event, data));
  }

  *#onwards(execution: number, after: number): Generator<Sized> {
    // The chunk that contains the next event, or the chunk after it.
    const sql = "SELECT MAX(first) AS first FROM event_chunks WHERE execution = ? AND first <= ?";
    const from = Number(this.database.get(sql, execution, after + 1)?.["first"] ?? 0);
    for (const sized of this.#stored(execution, { comparison: ">=", direction: "ASC", from }))
      if (sized[0].id > after) yield sized;
    for (const event of this.#unwritten.get(execution) ?? [])
      if (event.id > after) yield [event, textOf(event)?.length ?? 0];
  }

  *#backwards(execution: number, before: number): Generator<Sized> {
    for (const event of this.#unwritten.get(execution)?.toReversed() ?? [])
      if (event.id < before) yield [event, textOf(event)?.length ?? 0];
    for (const sized of this.#stored(execution, { comparison: "<", direction: "DESC", from: before }))
      if (sized[0].id < before) yield sized;
  }

  *#stored(
    execution: number,
    { comparison, direction, from }: { comparison: "<" | ">="; direction: "ASC" | "DESC"; from: number },
  ): Generator<Sized> {
    const order = `ORDER BY first ${direction} LIMIT ${CHUNKS_AT_ONCE}`;
    const sql = (compared: string) =>
      `SELECT first, events FROM event_chunks WHERE execution = ? AND first ${compared} ? ${order}`;
    const later = direction === "ASC" ? ">" : "<";
    for (
      let last: number | undefined = from, compared: string = comparison;
      last !== undefined;
      compared = later
    ) {
      const rows: Row[] = this.database.all(sql(compared), execution, last);
      for (const row of rows) {
        const text = String(row["events"]);
        const events = (JSON.parse(text) as StoredEvent[]).map(fromStoredEvent);
        const size = text.length / events.length;
        for (const event of direction === "ASC" ? events : events.toReversed()) yield [event, size];
      }
      last = rows.length < CHUNKS_AT_ONCE ? undefined : Number(rows.at(-1)?.["first"]);
    }
  }
}

/** One execution's events, in order, as rows. */
function* chunksOf(events: readonly Event[]): Generator<{ first: number; last: number; text: string }> {
  let kept: string[] = [];
  let length = 0;
  for (const [index, event] of events.entries()) {
    const { id, at, type, previous, details } = event;
    const text = JSON.stringify([id, at, type, previous, details ?? null]);
    kept.push(text);
    length += text.length;
    const more = index < events.length - 1 && kept.length < CHUNK_EVENTS && length < CHUNK_TEXT;
    if (more) continue;
    yield { first: id - kept.length + 1, last: id, text: `[${kept.join(",")}]` };
    kept = [];
    length = 0;
  }
}

/** The event as the API returns it. */
const shown = ({ id, previous, at, type, details }: Event, data: boolean): Record<string, unknown> => {
  const event = { id, previousEventId: previous, timestamp: at / 1000, type };
  if (details === undefined) return event;
  const entries = Object.entries(details);
  const visible = data ? entries : entries.filter(([name]) => !DATA.includes(name));
  return { ...event, [detailsKey(type)]: Object.fromEntries(visible) };
};
