import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;
type Value = string | number | null;

/** A row whose columns are named like the fields of `T`, with undefined for NULL. */
export const fromRow = <T>(row: Row): T =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as T;

/**
 * A store that keeps rows in memory until a commit or a query needs them in the database: most rows change several times before
 * that.
 */
export interface WriteBehind {
  /** Writes the rows that a query could miss. A store whose queries also read its memory does not need it. */
  writePending?(): void;
  /** Writes everything. No transaction is open. */
  writeAll(): void;
  /** Whether memory holds so much that it is time to write it, even for a database in memory. */
  readonly full?: boolean;
}

/**
 * SQLite with group commit: all transactions of one turn of the event loop share one commit, and everything that depends on it
 * (an answer of the API, a call of a Lambda function) waits for it. Reads see what is not committed yet. A transaction can be
 * rolled back on its own, in the database by a savepoint and in memory by the undo log.
 *
 * WAL with `synchronous=NORMAL`: a commit writes to the log without fsync. Committed data survives the death of the process
 * (kill -9 included), because the operating system has it. A power loss can lose the last commits, but never leaves the file
 * inconsistent; an fsync per commit would be slow, and a developer's stack does not promise more.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #stores: WriteBehind[] = [];
  readonly #undo = new UndoLog();
  /** For each open transaction, the outermost first: whether it has a savepoint. One that changes only memory needs none. */
  readonly #savepoints: boolean[] = [];
  /** Whether the database is a file: one in memory is lost with the process, committed or not. */
  readonly #isFile: boolean;
  #isOpen = false;
  #isScheduled = false;
  #closed = false;
  #afterCommit: (() => void)[] = [];

  constructor(sqlite: DatabaseSync, schema: string) {
    this.#sqlite = sqlite;
    this.#isFile = sqlite.location() !== null;
    sqlite.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=8000");
    sqlite.exec(schema);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Includes the rows that a store keeps in memory in every commit. */
  register(store: WriteBehind): void {
    this.#stores.push(store);
  }

  /** Runs `body` as one transaction. If it throws, its writes are rolled back and its `afterCommit` callbacks are dropped. */
  transaction<T>(body: () => T): T {
    const callbacks = this.#afterCommit.length;
    this.#savepoints.push(false);
    this.#undo.begin();
    let result: T;
    try {
      result = body();
    } catch (error) {
      this.#rollBack();
      this.#afterCommit.length = callbacks;
      throw error;
    }
    this.#release();
    this.#undo.commit();
    return result;
  }

  /** Calls `undo` if the current transaction is rolled back, after the database has rolled back. */
  onRollback(undo: () => void): void {
    this.#undo.record(undo);
  }

  /** Calls `callback` once everything written so far is committed. */
  afterCommit(callback: () => void): void {
    this.scheduleCommit();
    this.#afterCommit.push(callback);
  }

  committed(): Promise<void> {
    return this.#isScheduled ? new Promise((resolve) => this.afterCommit(resolve)) : Promise.resolve();
  }

  /** Commits at the end of this turn of the event loop. */
  scheduleCommit(): void {
    if (!this.#isOpen) this.#sqlite.exec("BEGIN IMMEDIATE");
    this.#isOpen = true;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  /** Writes pending rows to the database, so that a query finds them. A rollback makes them pending again. */
  writePending(): void {
    if (!this.#isOpen) return;
    this.#setSavepoints();
    for (const store of this.#stores) store.writePending?.();
  }

  /** Changes the database's schema. Nothing else has been written yet. */
  migrate(sql: string): void {
    this.#sqlite.exec(`BEGIN IMMEDIATE; ${sql} COMMIT`);
  }

  run(sql: string, ...values: Value[]): number {
    this.scheduleCommit();
    this.#setSavepoints();
    return this.write(sql, ...values);
  }

  /** Writes rows that a store kept in memory; for `writePending` and `writeAll`. */
  write(sql: string, ...values: Value[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  flush(): void {
    if (!this.#isScheduled || this.#closed) return;
    this.#isScheduled = false;
    if (this.#isFile || this.#stores.some(({ full }) => full)) this.#commit();
    this.#runCallbacks();
  }

  /** Commits everything written. The callbacks that wait for that commit run, and can see that the database is closed. */
  close(): void {
    if (this.#closed) return;
    if (this.#isOpen && this.#isFile) this.#commit();
    this.#closed = true;
    this.#statements.clear();
    this.#sqlite.close();
    this.#runCallbacks();
  }

  #rollBack(): void {
    if (this.#savepoints.at(-1)) this.write("ROLLBACK TO inner");
    this.#release();
    this.#undo.rollBack();
  }

  #release(): void {
    if (this.#savepoints.pop()) this.write("RELEASE inner");
  }

  /** Makes it possible to roll back what the open transactions write to the database from here on. */
  #setSavepoints(): void {
    for (let index = this.#savepoints.lastIndexOf(true) + 1; index < this.#savepoints.length; index += 1) {
      this.write("SAVEPOINT inner");
      this.#savepoints[index] = true;
    }
  }

  #commit(): void {
    for (const store of this.#stores) store.writeAll();
    this.#sqlite.exec("COMMIT");
    this.#isOpen = false;
  }

  #runCallbacks(): void {
    const callbacks = this.#afterCommit;
    this.#afterCommit = [];
    for (const callback of callbacks) callback();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = this.#sqlite.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** A part of the database, with the operations on its tables. */
export abstract class DatabaseStore {
  protected readonly database: Database;
  constructor(database: Database) {
    this.database = database;
  }
}

/**
 * The in-memory changes that a rollback must undo. A store records the reverse of each change. A rollback runs those recorded since the
 * beginning of the transaction, the latest first.
 */
class UndoLog {
  readonly #undo: (() => void)[] = [];
  /** For each open transaction, the outermost first: the length of `#undo` at its beginning. */
  readonly #open: number[] = [];

  begin(): void {
    this.#open.push(this.#undo.length);
  }

  /** Records how to undo a change. Outside a transaction there is nothing to roll back. */
  record(undo: () => void): void {
    if (this.#open.length > 0) this.#undo.push(undo);
  }

  commit(): void {
    this.#open.pop();
    if (this.#open.length === 0) this.#undo.length = 0;
  }

  rollBack(): void {
    const undone = this.#undo.splice(this.#open.pop() ?? 0);
    for (const undo of undone.reverse()) undo();
  }
}
