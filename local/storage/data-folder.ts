import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The folder for the stack's persistent data. With `:memory:`, nothing persists. */
export interface DataFolder {
  /** The folder's absolute path; undefined in memory. */
  readonly path: string | undefined;
  /** The path of a file in it, or `:memory:`. */
  file(name: string): string;
  /** The folder of S3 objects. In memory it is a temporary one. */
  readonly objects: string;
  /** Releases the folder for another stack. */
  release(): void;
}

export class DataFolderInUse extends Error {
  override readonly name = "DataFolderInUse";
}

/** Opens the folder and creates it if necessary. @throws DataFolderInUse if another stack uses it */
export function openDataFolder(data: string): DataFolder {
  if (data === ":memory:") {
    const objects = mkdtempSync(join(tmpdir(), "sluice-s3-"));
    const release = () => rmSync(objects, { recursive: true, force: true });
    return { path: undefined, file: () => ":memory:", objects, release };
  }
  const path = resolve(data);
  mkdirSync(path, { recursive: true });
  const release = lock(path);
  return { path, file: (name) => join(path, name), objects: join(path, "s3"), release };
}

/** The lock is SQLite's lock on an open file, which the operating system releases however the process ends. */
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
 * Opens a database whose commits survive the process, even kill -9, because the kernel has them. After a power failure, the
 * last commits can be missing, except those made with `onDisk`.
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

/** Runs `work` in one transaction that is synced to disk. */
export function onDisk<T>(database: DatabaseSync, work: () => T): T {
  database.exec("PRAGMA synchronous = FULL");
  try {
    return inTransaction(database, work);
  } finally {
    database.exec("PRAGMA synchronous = NORMAL");
  }
}
