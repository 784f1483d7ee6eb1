import type { DatabaseSync } from "node:sqlite";
import { cutText } from "../../shared/model/json/text.ts";
import type { Clock } from "../ports/clock.ts";

/** Characters that are kept of an invocation's output: its end. */
const MAX_TEXT = 64 * 1_024;
/** Invocations whose output is kept: the newest. */
const MAX_KEPT = 2_000;

const SCHEMA = `CREATE TABLE IF NOT EXISTS invocation_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, request TEXT NOT NULL, lines TEXT NOT NULL, cut INTEGER NOT NULL
); CREATE INDEX IF NOT EXISTS invocation_logs_by_call ON invocation_logs (call)`;

export interface InvocationLines {
  readonly requestId: string;
  /** Times of the stack's clock, in epoch milliseconds. */
  readonly lines: readonly (readonly [at: number, text: string])[];
  /** Whether only the end of the output is kept. */
  readonly isCut: boolean;
}

interface Open {
  readonly call: string;
  readonly lines: [at: number, text: string][];
  /** The beginning of a line that has not ended. */
  rest: string;
  size: number;
  isCut: boolean;
}

/**
 * The output of the invocations that states of flows made, for whoever may read these steps. It is bounded, in the number of invocations and
 * for each of them, and kept when the stack starts again. `call` identifies the state's call, see `callOf`.
 */
export class InvocationLogs {
  readonly #database: DatabaseSync;
  readonly #clock: Pick<Clock, "now">;
  readonly #open = new Map<string, Open>();

  constructor(database: DatabaseSync, clock: Pick<Clock, "now">) {
    this.#database = database;
    this.#clock = clock;
    database.exec(SCHEMA);
  }

  begin(requestId: string, call: string): void {
    this.#open.set(requestId, { call, lines: [], rest: "", size: 0, isCut: false });
  }

  write(requestId: string, text: string): void {
    const open = this.#open.get(requestId);
    if (open === undefined) return;
    const lines = `${open.rest}${text}`.split(/\r?\n/);
    open.rest = lines.pop() ?? "";
    if (open.rest.length > MAX_TEXT) lines.push(open.rest.slice(0, MAX_TEXT));
    if (open.rest.length > MAX_TEXT) open.rest = "";
    for (const line of lines) this.#add(open, line);
  }

  /** Stores what the invocation printed. One that printed nothing leaves nothing. */
  end(requestId: string): void {
    const open = this.#open.get(requestId);
    if (open === undefined) return;
    this.#open.delete(requestId);
    if (open.rest !== "") this.#add(open, open.rest);
    if (open.lines.length === 0) return;
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO invocation_logs (call, request, lines, cut) VALUES (?, ?, ?, ?)")
      .run(open.call, requestId, JSON.stringify(open.lines), open.isCut ? 1 : 0);
    this.#database
      .prepare("DELETE FROM invocation_logs WHERE id <= ?")
      .run(Number(lastInsertRowid) - MAX_KEPT);
  }

  /** Returns the output of the newest invocation that the call made; undefined if it printed nothing, or nothing is kept. */
  of(call: string): InvocationLines | undefined {
    const running = [...this.#open].findLast(([, open]) => open.call === call);
    if (running !== undefined) {
      const [requestId, { lines, isCut }] = running;
      return { requestId, lines: [...lines], isCut };
    }
    const row = this.#database
      .prepare("SELECT request, lines, cut FROM invocation_logs WHERE call = ? ORDER BY id DESC LIMIT 1")
      .get(call);
    if (row === undefined) return undefined;
    const lines = JSON.parse(String(row["lines"])) as InvocationLines["lines"];
    return { requestId: String(row["request"]), lines, isCut: row["cut"] === 1 };
  }

  #add(open: Open, line: string): void {
    const text = cutText(line, MAX_TEXT);
    open.isCut ||= text !== line;
    open.lines.push([this.#clock.now(), text]);
    open.size += text.length;
    while (open.size > MAX_TEXT && open.lines.length > 1) {
      open.size -= open.lines.shift()?.[1].length ?? 0;
      open.isCut = true;
    }
  }
}
