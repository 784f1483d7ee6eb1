import type { Journal, Row } from "../journal.ts";
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

export class History {
  readonly #journal: Journal;
  readonly #now: () => number;
  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#now = now;
  }

  /** Appends an event; returns its id. Throws HistoryFull in place of the event before the last possible one. */
  append(execution: number, type: string, previous: number, details?: object): number {
    const ends = type.startsWith("Execution") && type !== "ExecutionStarted" && type !== "ExecutionRedriven";
    const row = this.#journal.get(
      "UPDATE executions SET events = events + 1 WHERE id = ? RETURNING events",
      execution,
    );
    const id = Number(row?.["events"]);
    if (id >= EVENT_LIMIT && !ends) throw new HistoryFull();
    this.#journal.run(
      "INSERT INTO events (execution, id, at, type, previous, details) VALUES (?, ?, ?, ?, ?, ?)",
      execution,
      id,
      this.#now(),
      type,
      previous,
      details === undefined ? null : JSON.stringify(details),
    );
    return id;
  }

  /** Appends an event to a frame's thread. */
  record(frame: Frame, type: string, details?: object, previous = frame.lastEvent): number {
    if (!frame.silent) frame.lastEvent = this.append(frame.execution, type, previous, details);
    return frame.lastEvent;
  }

  /** How many events an execution has: the id of its last one. */
  count(execution: number): number {
    return Number(this.#journal.get("SELECT events FROM executions WHERE id = ?", execution)?.["events"]);
  }

  /** Up to `limit` events, fewer where they are large. */
  page(execution: number, page: Page): Record<string, unknown>[] {
    const [comparison, direction] = page.reverse ? ["<", "DESC"] : [">", "ASC"];
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
