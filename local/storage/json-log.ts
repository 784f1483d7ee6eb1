import type { DatabaseSync } from "node:sqlite";

/** A table of JSON values in the order in which they were added, numbered from 1. */
export class JsonLog<Entry extends object> {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #column: string;

  constructor(database: DatabaseSync, table: string, column: string) {
    this.#database = database;
    this.#table = table;
    this.#column = column;
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (seq INTEGER PRIMARY KEY AUTOINCREMENT, ${column} TEXT NOT NULL) STRICT`,
    );
  }

  /** Returns the entry's number. */
  add(entry: Entry): number {
    const insert = `INSERT INTO ${this.#table} (${this.#column}) VALUES (?)`;
    return Number(this.#database.prepare(insert).run(JSON.stringify(entry)).lastInsertRowid);
  }

  /** The entries after number `after`, oldest first; at most `limit`, 0 for all. */
  list(after: number, limit = 0): (Entry & { readonly seq: number })[] {
    return this.#database
      .prepare(`SELECT seq, ${this.#column} AS entry FROM ${this.#table} WHERE seq > ? ORDER BY seq LIMIT ?`)
      .all(after, limit === 0 ? -1 : limit)
      .map(({ seq, entry }) => ({ seq: Number(seq), ...(JSON.parse(String(entry)) as Entry) }));
  }
}
