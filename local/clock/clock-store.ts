import type { DatabaseSync } from "node:sqlite";
import type { OffsetStore } from "./clock.ts";

/** Stores the clock's offset, so that time does not go back when the stack restarts. */
export function offsetStore(database: DatabaseSync): OffsetStore {
  database.exec(
    "CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset INTEGER NOT NULL) STRICT",
  );
  return {
    load: () => Number(database.prepare("SELECT offset FROM clock").get()?.["offset"] ?? 0),
    save: (offset) =>
      void database.prepare("INSERT OR REPLACE INTO clock (id, offset) VALUES (1, ?)").run(offset),
  };
}
