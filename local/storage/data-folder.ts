import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Where the stack keeps what has to outlive it; `:memory:` keeps nothing. */
export interface DataFolder {
  /** The folder's absolute path; undefined in memory. */
  readonly path: string | undefined;
  /** The path of a file in it, or `:memory:`. */
  file(name: string): string;
  /** Gives the folder free for another stack. */
  release(): void;
}

export class DataFolderInUse extends Error {
  override readonly name = "DataFolderInUse";
}

/** Opens the folder, made if need be. @throws DataFolderInUse if another stack works with it. */
export function openDataFolder(data: string): DataFolder {
  if (data === ":memory:") return { path: undefined, file: () => ":memory:", release: () => undefined };
  const path = resolve(data);
  mkdirSync(path, { recursive: true });
  const release = lock(path);
  return { path, file: (name) => join(path, name), release };
}

/** The lock is SQLite's lock on an open file: the operating system lifts it however the process ends. */
function lock(path: string): () => void {
  const database = new DatabaseSync(join(path, "lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new DataFolderInUse(`Another local stack is using ${path}`, { cause: error });
  }
  return () => database.close();
}

/**
 * A database whose commits outlive the process, kill -9 included, since the kernel has them when they return; after a power
 * cut the last ones may be missing, unless they were made by `onDisk`.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000");
  return database;
}

/** Runs `work` in one transaction. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Runs `work` in one transaction, and has the disk confirm it. */
export function onDisk<T>(database: DatabaseSync, work: () => T): T {
  database.exec("PRAGMA synchronous = FULL");
  try {
    return inTransaction(database, work);
  } finally {
    database.exec("PRAGMA synchronous = NORMAL");
  }
}
