import { DatabaseStore, type Row } from "./database.ts";

/** A version, and the share of executions that start on it, in percent. */
export interface Route {
  readonly version: number;
  readonly weight: number;
}

/** A name for one or two versions of a machine. Times are epoch ms. */
export interface Alias {
  readonly machine: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly routes: readonly Route[];
  readonly created: number;
  readonly updated: number;
}

const toAlias = ({ machine, name, description, routes, created, updated }: Row): Alias => ({
  ...{ machine: String(machine), name: String(name) },
  description: description === null ? undefined : String(description),
  routes: JSON.parse(String(routes)) as Route[],
  ...{ created: Number(created), updated: Number(updated) },
});

export class Aliases extends DatabaseStore {
  get(machine: string, name: string): Alias | undefined {
    const row = this.database.get("SELECT * FROM aliases WHERE machine = ? AND name = ?", machine, name);
    return row && toAlias(row);
  }

  put({ machine, name, description, routes, created, updated }: Alias): void {
    this.database.run(
      "INSERT OR REPLACE INTO aliases (machine, name, description, routes, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
      ...[machine, name, description ?? null, JSON.stringify(routes), created, updated],
    );
  }

  delete(machine: string, name: string): void {
    this.database.run("DELETE FROM aliases WHERE machine = ? AND name = ?", machine, name);
  }

  deleteOf(machine: string): void {
    this.database.run("DELETE FROM aliases WHERE machine = ?", machine);
  }

  /** In order of name, after the given name. */
  list(machine: string, after: string, limit: number): Alias[] {
    return this.database
      .all(
        "SELECT * FROM aliases WHERE machine = ? AND name > ? ORDER BY name LIMIT ?",
        machine,
        after,
        limit,
      )
      .map(toAlias);
  }
}
