import type { DatabaseSync } from "node:sqlite";
import type { Activity, Clock } from "../ports/clock.ts";
import type { LambdaInvoker, LambdaResponse } from "../ports/services.ts";
import type { DeadLetters } from "./dead-letters.ts";

export interface AsyncInvocation {
  readonly functionName: string;
  readonly payload: string;
  /** The service that invoked the function; shown in a dead letter. */
  readonly source: string;
}

/** Lambda retries a function error twice, after one minute and after two (Developer Guide, "Asynchronous invocation"). */
const RETRY_AFTER_MS = [60_000, 120_000] as const;
/** Maximum age of an event. Until then, errors of the service itself are retried with a growing delay. */
const OLDEST_EVENT_MS = 6 * 3_600_000;
const MAX_BACKOFF_MS = 5 * 60_000;

interface Row extends AsyncInvocation {
  readonly id: number;
  /** Invocations that ended in a function error. */
  readonly failures: number;
  /** Attempts that did not reach the function. */
  readonly refusals: number;
  readonly accepted: number;
  readonly due: number;
}

interface Parts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  readonly deadLetters: DeadLetters;
}

/**
 * Lambda's queue of asynchronous invocations. An invocation is stored when it is accepted, and executed at least once or
 * becomes a dead letter.
 */
export class AsyncInvocations {
  readonly #parts: Parts;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#parts.database.exec(`CREATE TABLE IF NOT EXISTS async_invocation (
      id INTEGER PRIMARY KEY AUTOINCREMENT, functionName TEXT NOT NULL, payload TEXT NOT NULL, source TEXT NOT NULL,
      failures INTEGER NOT NULL, refusals INTEGER NOT NULL, accepted INTEGER NOT NULL, due INTEGER NOT NULL) STRICT`);
  }

  /** Continues with the invocations that an earlier process has accepted. */
  start(): void {
    const rows = this.#parts.database.prepare("SELECT * FROM async_invocation ORDER BY id").all();
    for (const row of rows) this.#schedule(row as unknown as Row);
  }

  /** When this returns, the event is stored, unless the caller's own transaction is still open. */
  enqueue(invocation: AsyncInvocation): void {
    const now = this.#parts.clock.now();
    const { lastInsertRowid } = this.#parts.database
      .prepare(
        `INSERT INTO async_invocation (functionName, payload, source, failures, refusals, accepted, due)
         VALUES (?, ?, ?, 0, 0, ?, ?)`,
      )
      .run(invocation.functionName, invocation.payload, invocation.source, now, now);
    const row = {
      ...invocation,
      id: Number(lastInsertRowid),
      failures: 0,
      refusals: 0,
      accepted: now,
      due: now,
    };
    const done = this.#parts.activity.begin();
    setImmediate(() => void this.#deliver(row).finally(done));
  }

  /** Invocations in progress are repeated by the next process. */
  close(): void {
    this.#closed = true;
  }

  #schedule(row: Row): void {
    this.#parts.clock.schedule(row.due, () => this.#deliver(row));
  }

  async #deliver(row: Row): Promise<void> {
    const response = await this.#parts.lambda.invoke({
      functionName: row.functionName,
      payload: row.payload,
    });
    if (this.#closed) return;
    if (response.ok === true) {
      this.#remove(row);
      return;
    }
    const next = afterFailure(row, response, this.#parts.clock.now());
    if (next === undefined) {
      this.#giveUp(row, response);
      return;
    }
    this.#parts.database
      .prepare("UPDATE async_invocation SET failures = ?, refusals = ?, due = ? WHERE id = ?")
      .run(next.failures, next.refusals, next.due, next.id);
    this.#schedule(next);
  }

  #giveUp(row: Row, response: LambdaResponse): void {
    this.#parts.deadLetters.add({
      source: row.source,
      target: row.functionName,
      payload: row.payload,
      error:
        response.ok === "service-error"
          ? { name: response.name, message: response.message }
          : reported(response),
      attempts: row.failures + row.refusals + 1,
    });
    this.#remove(row);
  }

  #remove(row: Row): void {
    this.#parts.database.prepare("DELETE FROM async_invocation WHERE id = ?").run(row.id);
  }
}

/** The next attempt; undefined if there is none. */
function afterFailure(
  row: Row,
  response: Exclude<LambdaResponse, { ok: true }>,
  now: number,
): Row | undefined {
  if (response.ok === false) {
    const pause = RETRY_AFTER_MS[row.failures];
    return pause === undefined ? undefined : { ...row, failures: row.failures + 1, due: now + pause };
  }
  const isFinal = response.name === "Lambda.ResourceNotFoundException";
  if (isFinal || now - row.accepted >= OLDEST_EVENT_MS) return undefined;
  const pause = Math.min(1_000 * 2 ** row.refusals, MAX_BACKOFF_MS);
  return { ...row, refusals: row.refusals + 1, due: now + pause };
}

function reported(response: LambdaResponse): unknown {
  return response.ok === false ? JSON.parse(response.payload) : undefined;
}
