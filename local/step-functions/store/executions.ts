import type { Execution, ExecutionStatus } from "../model/execution.ts";
import type { Failure } from "../model/frame.ts";
import type { Tested } from "../model/tested.ts";
import { DatabaseStore, fromRow } from "./database.ts";

const COLUMNS =
  "id, arn, machine, version, name, definition, role, status, started, stopped, error, cause, redrives, redriven";

export interface NewExecution
  extends Pick<Execution, "arn" | "machine" | "version" | "name" | "definition" | "role" | "started"> {
  readonly input: string;
  readonly deadline: number;
}

export interface ExecutionFilter {
  readonly machine: string;
  readonly version: number | undefined;
  readonly status: string | undefined;
  readonly before: number;
  readonly limit: number;
}

/** Executions kept in memory. */
const MAX_KEPT = 5_000;

/** The executions, cached as they are read. Inputs and outputs, up to 256 KiB, are read only when they are needed. */
export class Executions extends DatabaseStore {
  readonly #known = new Map<number, Execution>();
  /** Executions of TestState, by id. */
  readonly tested = new Map<number, Tested>();
  /** The earliest deadline; null if there is none; undefined if it has not been looked up yet. */
  #deadline: number | null | undefined;

  /** Remembers a changed execution; undefined: it is read again when needed. */
  #changed(id: number, execution?: Execution): void {
    this.#deadline = undefined;
    if (this.#known.size > MAX_KEPT) this.#known.clear();
    if (execution === undefined) this.#known.delete(id);
    else this.#known.set(id, execution);
    this.database.onRollback(() => {
      this.#deadline = undefined;
      this.#known.delete(id);
    });
  }

  insert(execution: NewExecution): Execution {
    const id = this.database.run(
      "INSERT INTO executions (arn, machine, version, name, definition, role, status, started, deadline) VALUES (?, ?, ?, ?, ?, ?, 'RUNNING', ?, ?)",
      execution.arn,
      execution.machine,
      execution.version ?? null,
      execution.name,
      execution.definition,
      execution.role,
      execution.started,
      execution.deadline,
    );
    this.database.run("INSERT INTO execution_data (execution, input) VALUES (?, ?)", id, execution.input);
    const { input: _, deadline: __, ...rest } = execution;
    const open = { stopped: undefined, error: undefined, cause: undefined, redriven: undefined };
    const made: Execution = { id, ...rest, status: "RUNNING", redrives: 0, ...open };
    this.#changed(id, made);
    return made;
  }

  get(id: number): Execution {
    const known = this.#known.get(id);
    if (known) return known;
    const row = this.database.get(`SELECT ${COLUMNS} FROM executions WHERE id = ?`, id);
    if (!row) throw new Error(`Execution ${id} does not exist`);
    const execution = fromRow<Execution>(row);
    this.#known.set(id, execution);
    return execution;
  }

  byArn(arn: string): Execution | undefined {
    const row = this.database.get(`SELECT ${COLUMNS} FROM executions WHERE arn = ?`, arn);
    return row && fromRow<Execution>(row);
  }

  input(id: number): string {
    return String(this.database.get("SELECT input FROM execution_data WHERE execution = ?", id)?.["input"]);
  }

  data(id: number): { readonly input: string; readonly output: string | undefined } {
    const row = this.database.get("SELECT input, output FROM execution_data WHERE execution = ?", id);
    return { input: String(row?.["input"]), output: row?.["output"]?.toString() };
  }

  finish(
    id: number,
    status: ExecutionStatus,
    at: number,
    output: string | undefined,
    failure: Failure,
  ): void {
    const before = this.get(id);
    this.database.run(
      "UPDATE executions SET status = ?, stopped = ?, error = ?, cause = ?, deadline = NULL WHERE id = ?",
      status,
      at,
      failure.error ?? null,
      failure.cause ?? null,
      id,
    );
    if (output !== undefined)
      this.database.run("UPDATE execution_data SET output = ? WHERE execution = ?", output, id);
    const { error, cause } = failure;
    this.#changed(id, { ...before, status, stopped: at, error, cause });
  }

  redrive(id: number, at: number, deadline: number): void {
    this.database.run(
      "UPDATE executions SET status = 'RUNNING', stopped = NULL, error = NULL, cause = NULL, redrives = redrives + 1, redriven = ?, deadline = ? WHERE id = ?",
      at,
      deadline,
      id,
    );
    this.#changed(id);
  }

  list(filter: ExecutionFilter): Execution[] {
    return this.database
      .all(
        `SELECT ${COLUMNS} FROM executions WHERE machine = ?1 AND (?2 IS NULL OR version = ?2) AND (?3 IS NULL OR status = ?3) AND id < ?4 ORDER BY id DESC LIMIT ?5`,
        filter.machine,
        filter.version ?? null,
        filter.status ?? null,
        filter.before,
        filter.limit,
      )
      .map((row) => fromRow<Execution>(row));
  }

  running(machine: string): boolean {
    return (
      this.database.get(
        "SELECT 1 FROM executions WHERE machine = ? AND status = 'RUNNING' LIMIT 1",
        machine,
      ) !== undefined
    );
  }

  delete(id: number): void {
    this.tested.delete(id);
    this.database.run("DELETE FROM execution_data WHERE execution = ?", id);
    this.database.run("DELETE FROM executions WHERE id = ?", id);
    this.#changed(id);
  }

  nextDeadline(): number | undefined {
    if (this.#deadline === undefined) {
      const sql = "SELECT MIN(deadline) AS at FROM executions WHERE deadline IS NOT NULL";
      const at = this.database.get(sql)?.["at"] ?? null;
      this.#deadline = at === null ? null : Number(at);
    }
    return this.#deadline ?? undefined;
  }

  overdue(at: number): Execution[] {
    return this.database
      .all(`SELECT ${COLUMNS} FROM executions WHERE deadline <= ? ORDER BY deadline`, at)
      .map((row) => fromRow<Execution>(row));
  }
}
