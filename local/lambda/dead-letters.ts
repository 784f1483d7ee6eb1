import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../ports/clock.ts";

export interface DeadLetter {
  /** The service that gave up: `lambda`, `scheduler` or `events`. */
  readonly source: string;
  /** The target function or ARN. */
  readonly target: string;
  readonly payload: string;
  readonly error: unknown;
  readonly attempts: number;
}

/** The messages that would be in the dead-letter queues. */
export class DeadLetters {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    database.exec(`CREATE TABLE IF NOT EXISTS dead_letter (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, letter TEXT NOT NULL) STRICT`);
  }

  add(letter: DeadLetter): void {
    this.#database
      .prepare("INSERT INTO dead_letter (at, letter) VALUES (?, ?)")
      .run(this.#clock.now(), JSON.stringify(letter));
  }

  /** Oldest first. */
  list(): readonly (DeadLetter & { readonly seq: number; readonly at: string })[] {
    return this.#database
      .prepare("SELECT seq, at, letter FROM dead_letter ORDER BY seq")
      .all()
      .map(({ seq, at, letter }) => ({
        seq: Number(seq),
        at: new Date(Number(at)).toISOString(),
        ...(JSON.parse(String(letter)) as DeadLetter),
      }));
  }
}
