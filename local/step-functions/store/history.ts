import type { Frame } from "../model/frame.ts";
import type { Journal, Row, WriteBehind } from "./database.ts";
import { CHUNKS_OF_EVENTS } from "./schema.ts";

/** The service's limit: the 25,000th event is the one that fails the execution. */
const EVENT_LIMIT = 25_000;

/** A page of events ends soon after so many characters of details. */
const PAGE_BYTES = 4 * 1024 * 1024;
const CHUNKS_AT_ONCE = 5;

/** An execution has come to the limit of its history. */
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

/** Fields that `includeExecutionData: false` leaves out. */
const DATA = ["input", "output", "parameters", "error", "cause", "assignedVariables"];

export interface Page {
  readonly after: number;
  readonly limit: number;
  readonly reverse: boolean;
  readonly data: boolean;
}

/** Executions whose last event is remembered. */
const MAX_KEPT = 5_000;
/** Events in memory that nobody has asked to have on disk. */
const MAX_UNWRITTEN = 100_000;

interface Event {
  readonly id: number;
  readonly at: number;
  readonly type: string;
  readonly previous: number;
  readonly details: object | undefined;
}
/** With the characters of its details. */
type Sized = readonly [Event, number];
const textOf = ({ details }: Event): string | undefined => details && JSON.stringify(details);

/** A chunk of events ends soon after so many characters of details, or with so many events: a page reads whole chunks. */
const CHUNK_TEXT = 64 * 1024;
const CHUNK_EVENTS = 100;
const INSERT = "INSERT INTO event_chunks (execution, first, last, events) VALUES (?, ?, ?, ?)";

/** As a chunk has it; no details: null. */
type Kept = [id: number, at: number, type: string, previous: number, details: object | null];
const fromKept = ([id, at, type, previous, details]: Kept): Event => {
  return { id, at, type, previous, details: details ?? undefined };
};

/** What a unit under way did: an event more of an execution, or all of them deleted that were in memory. */
type Change = number | { readonly execution: number; readonly deleted: Event[] | undefined };

/** The events of executions: those of the database, and after them those that were not committed yet. */
export class History implements WriteBehind {
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #unwritten = new Map<number, Event[]>();
  #unwrittenCount = 0;
  /** What it takes to undo the units under way, the last change last. */
  readonly #undo: Change[] = [];
  /** Of each unit under way, the innermost last: the length of `#undo` before it. */
  readonly #units: number[] = [];
  /** Ids of executions' last events. */
  readonly #last = new Map<number, number>();
  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#now = now;
    journal.keep(this);
    const old = journal.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'");
    if (old !== undefined) journal.prepare(CHUNKS_OF_EVENTS);
  }

  push(): void {
    this.#units.push(this.#undo.length);
  }

  pop(kept: boolean): void {
    const length = this.#units.pop() ?? 0;
    if (!kept && this.#undo.length > length) {
      for (const change of this.#undo.splice(length).reverse()) this.#takeBack(change);
      this.#last.clear();
    }
    if (this.#units.length === 0) this.#undo.length = 0;
  }

  #takeBack(change: Change): void {
    if (typeof change === "number") {
      const events = this.#unwritten.get(change);
      events?.pop();
      this.#unwrittenCount -= 1;
      if (events?.length === 0) this.#unwritten.delete(change);
    } else if (change.deleted !== undefined) {
      this.#unwritten.set(change.execution, change.deleted);
      this.#unwrittenCount += change.deleted.length;
    }
  }

  #note(change: Change): void {
    if (this.#units.length > 0) this.#undo.push(change);
  }

  get full(): boolean {
    return this.#unwrittenCount > MAX_UNWRITTEN;
  }

  commit(): void {
    for (const [execution, events] of this.#unwritten)
      for (const { first, last, text } of chunksOf(events))
        this.#journal.write(INSERT, execution, first, last, text);
    this.#unwritten.clear();
    this.#unwrittenCount = 0;
    if (this.#last.size > MAX_KEPT) this.#last.clear();
  }

  /** Appends an event; returns its id. Throws HistoryFull in place of the event before the last possible one. */
  append(execution: number, type: string, previous: number, details?: object): number {
    const ends = type.startsWith("Execution") && type !== "ExecutionStarted" && type !== "ExecutionRedriven";
    const id = this.count(execution) + 1;
    if (id >= EVENT_LIMIT && !ends) throw new HistoryFull();
    this.#last.set(execution, id);
    this.#journal.changed();
    this.#note(execution);
    const event = { id, at: this.#now(), type, previous, details };
    const events = this.#unwritten.get(execution);
    if (events) events.push(event);
    else this.#unwritten.set(execution, [event]);
    this.#unwrittenCount += 1;
    return id;
  }

  /** Appends an event to a frame's thread. */
  record(frame: Frame, type: string, details?: object, previous = frame.lastEvent): number {
    if (!frame.silent) frame.lastEvent = this.append(frame.execution, type, previous, details);
    return frame.lastEvent;
  }

  /** How many events an execution has: the id of its last one. */
  count(execution: number): number {
    const known = this.#last.get(execution);
    if (known !== undefined) return known;
    const newest = this.#unwritten.get(execution)?.at(-1)?.id;
    const stored = () =>
      this.#journal.get(
        "SELECT last FROM event_chunks WHERE execution = ? ORDER BY first DESC LIMIT 1",
        execution,
      )?.["last"];
    const last = newest ?? Number(stored() ?? 0);
    this.#last.set(execution, last);
    return last;
  }

  delete(execution: number): void {
    const deleted = this.#unwritten.get(execution);
    this.#note({ execution, deleted });
    this.#unwritten.delete(execution);
    this.#unwrittenCount -= deleted?.length ?? 0;
    this.#journal.run("DELETE FROM event_chunks WHERE execution = ?", execution);
    this.#last.delete(execution);
  }

  /** Up to `limit` events, fewer where they are large. */
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
    // The chunk that the event after stands in, or the next one.
    const sql = "SELECT MAX(first) AS first FROM event_chunks WHERE execution = ? AND first <= ?";
    const from = Number(this.#journal.get(sql, execution, after + 1)?.["first"] ?? 0);
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
      const rows: Row[] = this.#journal.all(sql(compared), execution, last);
      for (const row of rows) {
        const text = String(row["events"]);
        const events = (JSON.parse(text) as Kept[]).map(fromKept);
        const size = text.length / events.length;
        for (const event of direction === "ASC" ? events : events.toReversed()) yield [event, size];
      }
      last = rows.length < CHUNKS_AT_ONCE ? undefined : Number(rows.at(-1)?.["first"]);
    }
  }
}

/** Events of one execution, in order, as rows. */
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

/** As the API shows it. */
const shown = ({ id, previous, at, type, details }: Event, data: boolean): Record<string, unknown> => {
  const event = { id, previousEventId: previous, timestamp: at / 1000, type };
  if (details === undefined) return event;
  const entries = Object.entries(details);
  const told = data ? entries : entries.filter(([name]) => !DATA.includes(name));
  return { ...event, [detailsKey(type)]: Object.fromEntries(told) };
};
