import type { Journal, Row, WriteBehind } from "../journal.ts";
import type { Frame } from "../model.ts";

/** The service's limit: the 25,000th event is the one that fails the execution. */
const EVENT_LIMIT = 25_000;

/** A page of events ends soon after so many characters of details. */
const PAGE_BYTES = 4 * 1024 * 1024;
const CHUNK = 50;

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
const MOST_KEPT = 5_000;

type EventRow = [
  execution: number,
  id: number,
  at: number,
  type: string,
  previous: number,
  details: string | null,
];

const VALUES = "(?, ?, ?, ?, ?, ?)";
const INSERT = `INSERT INTO events (execution, id, at, type, previous, details) VALUES ${VALUES}`;
/** Events in one statement: the call of SQLite costs more than the row. */
const MANY = 25;
const INSERT_MANY = `${INSERT}${`, ${VALUES}`.repeat(MANY - 1)}`;

/** The events of executions; the newest may lie in memory still. */
export class History implements WriteBehind {
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #layers: EventRow[][] = [[]];
  /** Ids of executions' last events. */
  readonly #last = new Map<number, number>();
  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#now = now;
    journal.keep(this);
  }

  push(): void {
    this.#layers.push([]);
  }

  pop(kept: boolean): void {
    const rows = this.#layers.pop() ?? [];
    const below = this.#layers.at(-1);
    // One by one: a Map's unit may have more events than a call may have arguments.
    if (kept) for (const row of rows) below?.push(row);
    else this.#last.clear();
  }

  write(layer: number): void {
    for (const rows of this.#layers.slice(0, layer + 1)) {
      let from = 0;
      for (; rows.length - from >= MANY; from += MANY)
        this.#journal.write(INSERT_MANY, ...rows.slice(from, from + MANY).flat());
      for (; from < rows.length; from += 1) this.#journal.write(INSERT, ...(rows[from] ?? []));
      rows.length = 0;
    }
    if (this.#last.size > MOST_KEPT) this.#last.clear();
  }

  /** Appends an event; returns its id. Throws HistoryFull in place of the event before the last possible one. */
  append(execution: number, type: string, previous: number, details?: object): number {
    const ends = type.startsWith("Execution") && type !== "ExecutionStarted" && type !== "ExecutionRedriven";
    const id = this.count(execution) + 1;
    if (id >= EVENT_LIMIT && !ends) throw new HistoryFull();
    this.#last.set(execution, id);
    this.#journal.changed();
    const text = details === undefined ? null : JSON.stringify(details);
    this.#layers.at(-1)?.push([execution, id, this.#now(), type, previous, text]);
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
    this.#journal.sync();
    const row = this.#journal.get("SELECT MAX(id) AS last FROM events WHERE execution = ?", execution);
    const last = Number(row?.["last"] ?? 0);
    this.#last.set(execution, last);
    return last;
  }

  delete(execution: number): void {
    this.#journal.sync();
    this.#journal.run("DELETE FROM events WHERE execution = ?", execution);
    this.#last.delete(execution);
  }

  /** Up to `limit` events, fewer where they are large. */
  page(execution: number, page: Page): Record<string, unknown>[] {
    const [comparison, direction] = page.reverse ? ["<", "DESC"] : [">", "ASC"];
    this.#journal.sync();
    const rows: Row[] = [];
    let { after } = page;
    for (let bytes = 0; rows.length < page.limit && bytes < PAGE_BYTES; ) {
      const count = Math.min(CHUNK, page.limit - rows.length);
      const chunk = this.#journal.all(
        `SELECT * FROM events WHERE execution = ? AND id ${comparison} ? ORDER BY id ${direction} LIMIT ?`,
        execution,
        after,
        count,
      );
      rows.push(...chunk);
      for (const row of chunk) bytes += String(row["details"]).length;
      after = Number(chunk.at(-1)?.["id"] ?? after);
      if (chunk.length < count) break;
    }
    return rows.map((row) => {
      const type = String(row["type"]);
      const event: Record<string, unknown> = {
        id: Number(row["id"]),
        previousEventId: Number(row["previous"]),
        timestamp: Number(row["at"]) / 1000,
        type,
      };
      if (row["details"] !== null) {
        const details = JSON.parse(String(row["details"])) as Record<string, unknown>;
        event[detailsKey(type)] = page.data
          ? details
          : Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.includes(name)));
      }
      return event;
    });
  }
}
