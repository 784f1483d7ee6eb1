import { createHash } from "node:crypto";
import type { Definition } from "../model/definition.ts";
import { DatabaseStore, fromRow, type Row } from "./database.ts";

/** Times are epoch ms. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly definition: number;
  readonly role: string;
  readonly type: string;
  readonly status: "ACTIVE" | "DELETING";
  readonly created: number;
  readonly updated: number | undefined;
  readonly revision: string | undefined;
  readonly nextVersion: number;
  /** Logging, tracing and encryption configurations: stored and described, without effect. */
  readonly settings: Record<string, unknown>;
}
export interface Version {
  readonly machine: string;
  readonly number: number;
  readonly definition: number;
  readonly role: string;
  readonly description: string | undefined;
  readonly revision: string | undefined;
  readonly created: number;
}

const COLUMNS =
  "arn, name, definition, role, type, status, created, updated, revision, next_version AS nextVersion, settings";
const toMachine = (row: Row): Machine => ({
  ...fromRow<Machine>(row),
  settings: JSON.parse(String(row["settings"])) as Record<string, unknown>,
});
const toVersion = (row: Row): Version => fromRow(row);

export class Machines extends DatabaseStore {
  get(arn: string): Machine | undefined {
    const row = this.database.get(`SELECT ${COLUMNS} FROM machines WHERE arn = ?`, arn);
    return row && toMachine(row);
  }

  isDeleting(arn: string): boolean {
    return (
      this.database.get("SELECT 1 FROM machines WHERE arn = ? AND status = 'DELETING'", arn) !== undefined
    );
  }

  insert(machine: Machine): void {
    this.database.run(
      "INSERT INTO machines (arn, name, definition, role, type, status, created, settings) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      machine.arn,
      machine.name,
      machine.definition,
      machine.role,
      machine.type,
      machine.status,
      machine.created,
      JSON.stringify(machine.settings),
    );
  }

  update(machine: Machine): void {
    this.database.run(
      "UPDATE machines SET definition = ?, role = ?, status = ?, updated = ?, revision = ?, next_version = ?, settings = ? WHERE arn = ?",
      machine.definition,
      machine.role,
      machine.status,
      machine.updated ?? null,
      machine.revision ?? null,
      machine.nextVersion,
      JSON.stringify(machine.settings),
      machine.arn,
    );
  }

  delete(arn: string): void {
    this.database.run("DELETE FROM versions WHERE machine = ?", arn);
    this.database.run("DELETE FROM aliases WHERE machine = ?", arn);
    this.database.run("DELETE FROM tags WHERE arn = ?", arn);
    this.database.run("DELETE FROM machines WHERE arn = ?", arn);
  }

  /** In order of name, after the given name. */
  list(after: string, limit: number): Machine[] {
    return this.database
      .all(`SELECT ${COLUMNS} FROM machines WHERE name > ? ORDER BY name LIMIT ?`, after, limit)
      .map(toMachine);
  }

  version(machine: string, number: number): Version | undefined {
    const row = this.database.get("SELECT * FROM versions WHERE machine = ? AND number = ?", machine, number);
    return row && toVersion(row);
  }

  latestVersion(machine: string): Version | undefined {
    const row = this.database.get(
      "SELECT * FROM versions WHERE machine = ? ORDER BY number DESC LIMIT 1",
      machine,
    );
    return row && toVersion(row);
  }

  countVersions(machine: string): number {
    return Number(this.database.get("SELECT COUNT(*) AS n FROM versions WHERE machine = ?", machine)?.["n"]);
  }

  insertVersion(version: Version): void {
    this.database.run(
      "INSERT INTO versions (machine, number, definition, role, description, revision, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
      version.machine,
      version.number,
      version.definition,
      version.role,
      version.description ?? null,
      version.revision ?? null,
      version.created,
    );
  }

  deleteVersion(machine: string, number: number): void {
    this.database.run("DELETE FROM versions WHERE machine = ? AND number = ?", machine, number);
  }

  /** Newest first, below the given number. */
  versions(machine: string, below: number, limit: number): Version[] {
    return this.database
      .all(
        "SELECT * FROM versions WHERE machine = ? AND number < ? ORDER BY number DESC LIMIT ?",
        machine,
        below,
        limit,
      )
      .map(toVersion);
  }
}

/** Maximum number of characters of definitions that are kept parsed. Each version of a flow has one. */
const MAX_PARSED = 8 * 2 ** 20;

interface Parsed {
  readonly definition: Definition;
  readonly size: number;
}

/** Definitions, each stored once for all machines, versions and executions that share it. Those in use are kept parsed. */
export class Definitions extends DatabaseStore {
  /** Parsed definitions, the most recently used one last. */
  readonly #parsed = new Map<number, Parsed>();
  #size = 0;

  put(text: string): number {
    const hash = createHash("sha256").update(text).digest("hex");
    const known = this.database.get("SELECT id FROM definitions WHERE hash = ?", hash);
    if (known) return Number(known["id"]);
    const id = this.database.run("INSERT INTO definitions (hash, text) VALUES (?, ?)", hash, text);
    this.database.onRollback(() => this.#forget(id));
    return id;
  }

  text(id: number): string {
    return String(this.database.get("SELECT text FROM definitions WHERE id = ?", id)?.["text"]);
  }

  get(id: number): Definition {
    const known = this.#parsed.get(id) ?? this.#parse(id);
    this.#forget(id);
    this.#parsed.set(id, known);
    this.#size += known.size;
    for (const oldest of this.#parsed.keys()) {
      if (this.#size <= MAX_PARSED || oldest === id) break;
      this.#forget(oldest);
    }
    return known.definition;
  }

  #parse(id: number): Parsed {
    const text = this.text(id);
    return { definition: JSON.parse(text) as Definition, size: text.length };
  }

  #forget(id: number): void {
    this.#size -= this.#parsed.get(id)?.size ?? 0;
    this.#parsed.delete(id);
  }
}
