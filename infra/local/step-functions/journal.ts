import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/**
 * Group commit: all writes of one turn of the event loop share one transaction, which is committed before anything that
 * depends on it is let out (an answer of the API, a call of a Lambda). Reads see the open transaction.
 *
 * WAL with `synchronous=NORMAL`: a commit is a write() to the log without fsync. What was committed survives the death of
 * the process (kill -9 included), because the kernel has it; only a power loss may take the last commits, and never
 * leaves the file inconsistent. An fsync per commit would buy nothing that a developer's stack promises.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #open = false;
  #closed = false;
  #after: (() => void)[] = [];

  constructor(database: DatabaseSync, schema: string) {
    this.#database = database;
    database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=8000");
    database.exec(schema);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs `body` as one unit: if it throws, nothing of it stays, neither writes nor what it wanted done after the commit. */
  atomically<T>(body: () => T): T {
    this.#begin();
    const pending = this.#after.length;
    this.#database.exec("SAVEPOINT unit");
    try {
      const result = body();
      this.#database.exec("RELEASE unit");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK TO unit; RELEASE unit");
      this.#after.length = pending;
      throw error;
    }
  }

  /** Runs `then` once everything written so far is on disk. */
  afterCommit(then: () => void): void {
    this.#begin();
    this.#after.push(then);
  }

  committed(): Promise<void> {
    return this.#open ? new Promise((resolve) => this.afterCommit(resolve)) : Promise.resolve();
  }

  run(sql: string, ...values: (string | number | null)[]): number {
    this.#begin();
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  get(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  flush(): void {
    if (!this.#open || this.#closed) return;
    this.#commit();
    this.#release();
  }

  /** Commits what is written. What waits for that commit runs, and can see that the journal is closed. */
  close(): void {
    if (this.#closed) return;
    if (this.#open) this.#commit();
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
    this.#release();
  }

  #commit(): void {
    this.#database.exec("COMMIT");
    this.#open = false;
  }

  #release(): void {
    const after = this.#after;
    this.#after = [];
    for (const then of after) then();
  }

  #begin(): void {
    if (this.#open) return;
    this.#database.exec("BEGIN IMMEDIATE");
    this.#open = true;
    setImmediate(() => this.flush());
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = this.#database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
