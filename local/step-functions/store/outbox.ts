import type { BusEvent } from "../../ports/services.ts";
import { type Database, DatabaseStore, type WriteBehind } from "./database.ts";

interface Waiting {
  readonly id: number;
  readonly event: BusEvent;
}

/**
 * Events that the bus has not accepted yet, in order. Each is committed together with the change that it reports, and deleted in a
 * commit after the bus has accepted it.
 */
export class Outbox extends DatabaseStore implements WriteBehind {
  readonly #waiting: Waiting[] = [];
  #lastId: number;
  #stored: number;
  /** Id of the last committed event; later ones are not published yet. */
  #ready: number;
  #accepted = 0;
  #deleted = 0;

  constructor(database: Database) {
    super(database);
    database.register(this);
    this.#lastId = Number(
      database.get("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")?.["seq"] ?? 0,
    );
    this.#stored = this.#lastId;
    this.#ready = this.#lastId;
    for (const row of database.all("SELECT id, event FROM outbox ORDER BY id"))
      this.#waiting.push({ id: Number(row["id"]), event: JSON.parse(String(row["event"])) as BusEvent });
  }

  writeAll(): void {
    for (const { id, event } of this.#waiting)
      if (id > this.#stored)
        this.database.write("INSERT INTO outbox (id, event) VALUES (?, ?)", id, JSON.stringify(event));
    this.#stored = this.#lastId;
    if (this.#accepted > this.#deleted)
      this.database.write("DELETE FROM outbox WHERE id <= ?", this.#accepted);
    this.#deleted = this.#accepted;
  }

  add(event: BusEvent): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#waiting.push({ id, event });
    this.database.onRollback(() => this.#waiting.pop());
    this.database.afterCommit(() => {
      this.#ready = id;
    });
  }

  /** The first committed event. */
  first(): BusEvent | undefined {
    const [first] = this.#waiting;
    return first !== undefined && first.id <= this.#ready ? first.event : undefined;
  }

  /** Removes the first event, which the bus has accepted. If the process dies before the next commit, it is published again. */
  removeFirst(): void {
    this.#accepted = this.#waiting.shift()?.id ?? this.#accepted;
    this.database.scheduleCommit();
  }
}
