import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/**
 * Rows that are kept in memory until a commit, or a query, needs them in the database: most change several times in one
 * transaction.
 */
export interface WriteBehind {
  /** A unit begins, within another or not. */
  push(): void;
  /** The innermost unit ends: what it changed in memory stays, or is taken back. */
  pop(kept: boolean): void;
  /**
   * Writes all rows, for a query. What it writes goes with the unit under way, if that comes to nothing, and is then to be written
   * again. A store that finds its own in memory needs none before a commit.
   */
  write?(): void;
  /** Writes everything; no unit is under way. */
  commit(): void;
  /** Memory holds so much that it is time for a commit, also where nothing would be lost without. */
  readonly full: boolean;
}

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
  readonly #behind: WriteBehind[] = [];
  readonly #undone: (() => void)[] = [];
  /** Of each unit under way, the outermost first: whether it has a savepoint. One that writes to memory alone needs none. */
  readonly #units: boolean[] = [];
  /** A database in memory is gone with the process, committed or not. */
  readonly #lasting: boolean;
  #open = false;
  #scheduled = false;
  #closed = false;
  #after: (() => void)[] = [];

  constructor(database: DatabaseSync, schema: string) {
    this.#database = database;
    this.#lasting = database.location() !== null;
    database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=8000");
    database.exec(schema);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Has rows of a store in memory committed with all else. */
  keep(behind: WriteBehind): void {
    this.#behind.push(behind);
  }

  /** Calls `then` whenever a unit has come to nothing: what was read in it may never have been. */
  onUndo(then: () => void): void {
    this.#undone.push(then);
  }

  /** Runs `body` as one unit: if it throws, nothing of it stays, neither writes nor what it wanted done after the commit. */
  atomically<T>(body: () => T): T {
    const pending = this.#after.length;
    this.#units.push(false);
    for (const behind of this.#behind) behind.push();
    let result: T;
    try {
      result = body();
    } catch (error) {
      this.#end(false);
      this.#after.length = pending;
      throw error;
    }
    this.#end(true);
    return result;
  }

  /** Runs `then` once everything written so far is on disk. */
  afterCommit(then: () => void): void {
    this.changed();
    this.#after.push(then);
  }

  committed(): Promise<void> {
    return this.#scheduled ? new Promise((resolve) => this.afterCommit(resolve)) : Promise.resolve();
  }

  /** There is something to commit at the end of this turn of the event loop. */
  changed(): void {
    if (!this.#open) this.#database.exec("BEGIN IMMEDIATE");
    this.#open = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Has the database tell what memory holds. */
  sync(): void {
    if (!this.#open) return;
    this.#savepoints();
    for (const behind of this.#behind) behind.write?.();
  }

  /** Changes the database's own form, before anything else is written. */
  prepare(sql: string): void {
    this.#database.exec(`BEGIN IMMEDIATE; ${sql} COMMIT`);
  }

  run(sql: string, ...values: (string | number | null)[]): number {
    this.changed();
    this.#savepoints();
    return this.write(sql, ...values);
  }

  /** For rows that come from memory, in `write` and `commit` of a `WriteBehind`. */
  write(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  get(sql: string, ...values: (string | number | null)[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  flush(): void {
    if (!this.#scheduled || this.#closed) return;
    this.#scheduled = false;
    if (this.#lasting || this.#behind.some(({ full }) => full)) this.#commit();
    this.#release();
  }

  /** Commits what is written. What waits for that commit runs, and can see that the journal is closed. */
  close(): void {
    if (this.#closed) return;
    if (this.#open && this.#lasting) this.#commit();
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
    this.#release();
  }

  #end(kept: boolean): void {
    const saved = this.#units.pop();
    if (saved && !kept) this.write("ROLLBACK TO unit");
    if (saved) this.write("RELEASE unit");
    for (const behind of this.#behind) behind.pop(kept);
    if (!kept) for (const then of this.#undone) then();
  }

  /** What a unit writes to the database can be taken back. */
  #savepoints(): void {
    for (let index = this.#units.lastIndexOf(true) + 1; index < this.#units.length; index += 1) {
      this.write("SAVEPOINT unit");
      this.#units[index] = true;
    }
  }

  #commit(): void {
    for (const behind of this.#behind) behind.commit();
    this.#database.exec("COMMIT");
    this.#open = false;
  }

  #release(): void {
    const after = this.#after;
    this.#after = [];
    for (const then of after) then();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = this.#database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
