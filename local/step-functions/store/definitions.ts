import { createHash } from "node:crypto";
import type { Definition } from "../model/definition.ts";
import type { Journal } from "./database.ts";

/** Definition texts, kept once however many machines, versions and executions share one; parsed once per process. */
export class Definitions {
  readonly #journal: Journal;
  readonly #parsed = new Map<number, Definition>();
  constructor(journal: Journal) {
    this.#journal = journal;
  }

  put(text: string): number {
    const hash = createHash("sha256").update(text).digest("hex");
    const known = this.#journal.get("SELECT id FROM definitions WHERE hash = ?", hash);
    return known
      ? Number(known["id"])
      : this.#journal.run("INSERT INTO definitions (hash, text) VALUES (?, ?)", hash, text);
  }

  text(id: number): string {
    return String(this.#journal.get("SELECT text FROM definitions WHERE id = ?", id)?.["text"]);
  }

  get(id: number): Definition {
    const known = this.#parsed.get(id);
    if (known) return known;
    const definition = JSON.parse(this.text(id)) as Definition;
    this.#parsed.set(id, definition);
    return definition;
  }
}
