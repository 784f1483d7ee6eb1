import type { DatabaseSync } from "node:sqlite";

/** A table of JSON documents, each with a key. */
export class JsonTable<Document extends object> {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #key: string;
  readonly #order: string;

  /** `order`: the column by which `all` sorts; by default, the key. */
  constructor(database: DatabaseSync, table: string, key: string, order = key) {
    this.#database = database;
    this.#table = table;
    this.#key = key;
    this.#order = order;
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (${key} TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT`,
    );
  }

  get(key: string): Document | undefined {
    const row = this.#database.prepare(`SELECT document FROM ${this.#table} WHERE ${this.#key} = ?`).get(key);
    return row === undefined ? undefined : (JSON.parse(String(row["document"])) as Document);
  }

  all(): readonly Document[] {
    return this.#database
      .prepare(`SELECT document FROM ${this.#table} ORDER BY ${this.#order}`)
      .all()
      .map((row) => JSON.parse(String(row["document"])) as Document);
  }

  save(key: string, document: Document): void {
    this.#database
      .prepare(`INSERT OR REPLACE INTO ${this.#table} VALUES (?, ?)`)
      .run(key, JSON.stringify(document));
  }

  remove(key: string): void {
    this.#database.prepare(`DELETE FROM ${this.#table} WHERE ${this.#key} = ?`).run(key);
  }
}
