import { createHash } from "node:crypto";
import type { Definition } from "../model/definition.ts";
import { DatabaseStore } from "./database.ts";

/** Definition texts, each stored once for all the machines, versions and executions that share it, and parsed once per process. */
export class Definitions extends DatabaseStore {
  readonly #parsed = new Map<number, Definition>();

  put(text: string): number {
    const hash = createHash("sha256").update(text).digest("hex");
    const known = this.database.get("SELECT id FROM definitions WHERE hash = ?", hash);
    if (known) return Number(known["id"]);
    const id = this.database.run("INSERT INTO definitions (hash, text) VALUES (?, ?)", hash, text);
    this.database.onRollback(() => this.#parsed.delete(id));
    return id;
  }

  text(id: number): string {
    return String(this.database.get("SELECT text FROM definitions WHERE id = ?", id)?.["text"]);
  }

  get(id: number): Definition {
    const known = this.#parsed.get(id);
    if (known) return known;
    const definition = JSON.parse(this.text(id)) as Definition;
    this.#parsed.set(id, definition);
    return definition;
  }
}
