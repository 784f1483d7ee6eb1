import type { BusEvent } from "../../ports/event-bus.ts";
import type { Journal, WriteBehind } from "./database.ts";

interface Waiting {
  readonly id: number;
  readonly event: BusEvent;
}

/** Events that the bus has not taken yet, in order: on disk with the commit of what they tell of, gone from it with a commit after they were taken. */
export class Outbox implements WriteBehind {
  readonly #journal: Journal;
  readonly #waiting: Waiting[] = [];
  /** Of each unit under way, the innermost last: the last id before it. */
  readonly #units: number[] = [];
  #lastId: number;
  #stored: number;
  /** The last one whose commit is done: what is not on disk yet is told to nobody. */
  #ready: number;
  #taken = 0;
  #deleted = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
    journal.keep(this);
    this.#lastId = Number(journal.get("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")?.["seq"] ?? 0);
    this.#stored = this.#lastId;
    this.#ready = this.#lastId;
    for (const row of journal.all("SELECT id, event FROM outbox ORDER BY id"))
      this.#waiting.push({ id: Number(row["id"]), event: JSON.parse(String(row["event"])) as BusEvent });
  }

  push(): void {
    this.#units.push(this.#lastId);
  }

  pop(kept: boolean): void {
    const last = this.#units.pop() ?? 0;
    if (!kept) while ((this.#waiting.at(-1)?.id ?? 0) > last) this.#waiting.pop();
  }

  readonly full = false;

  commit(): void {
    for (const { id, event } of this.#waiting)
      if (id > this.#stored)
        this.#journal.write("INSERT INTO outbox (id, event) VALUES (?, ?)", id, JSON.stringify(event));
    this.#stored = this.#lastId;
    if (this.#taken > this.#deleted) this.#journal.write("DELETE FROM outbox WHERE id <= ?", this.#taken);
    this.#deleted = this.#taken;
  }

  add(event: BusEvent): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#waiting.push({ id, event });
    this.#journal.afterCommit(() => {
      this.#ready = id;
    });
  }

  /** The first that the bus may have. */
  first(): BusEvent | undefined {
    const [first] = this.#waiting;
    return first !== undefined && first.id <= this.#ready ? first.event : undefined;
  }

  /** The bus has the first one: should the process die before the next commit, it gets it again. */
  took(): void {
    this.#taken = this.#waiting.shift()?.id ?? this.#taken;
    this.#journal.changed();
  }
}
