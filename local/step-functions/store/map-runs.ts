import type { Database, Row } from "./database.ts";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** The numbers of a Map run's children, by status. */
export interface ChildCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly aborted: number;
}

/** One attempt of a Distributed Map. Times are epoch ms. */
export interface MapRun {
  readonly arn: string;
  /** The execution, which can itself be a child. */
  readonly parent: string;
  readonly execution: number;
  readonly frame: number;
  readonly concurrency: number;
  readonly tolerated: number;
  readonly started: number;
  readonly status: MapRunStatus;
  readonly stopped?: number;
  /** When it ended. */
  readonly counts?: ChildCounts;
}

const toMapRun = (row: Row): MapRun => ({
  arn: String(row["arn"]),
  parent: String(row["parent"]),
  execution: Number(row["execution"]),
  frame: Number(row["frame"]),
  concurrency: Number(row["concurrency"]),
  tolerated: Number(row["tolerated"]),
  started: Number(row["started"]),
  status: String(row["status"]) as MapRunStatus,
  ...(row["stopped"] === null ? {} : { stopped: Number(row["stopped"]) }),
  ...(row["counts"] === null ? {} : { counts: JSON.parse(String(row["counts"])) as ChildCounts }),
});

/** Map runs as DescribeMapRun describes them. The children of a running one are frames. */
export class MapRuns {
  readonly #database: Database;
  constructor(database: Database) {
    this.#database = database;
  }

  begin(run: Omit<MapRun, "status">): void {
    const { arn, parent, execution, frame, concurrency, tolerated, started } = run;
    this.#database.run(
      "INSERT INTO map_runs (arn, parent, execution, frame, concurrency, tolerated, started, status) VALUES (?, ?, ?, ?, ?, ?, ?, 'RUNNING')",
      ...[arn, parent, execution, frame, concurrency, tolerated, started],
    );
  }

  /** Ends a Map run while its children still exist and can be counted. */
  end(arn: string, status: MapRunStatus, at: number): void {
    const run = this.get(arn);
    if (run === undefined || run.status !== "RUNNING") return;
    const counts = JSON.stringify(this.counts(run, status !== "SUCCEEDED"));
    this.#database.run(
      "UPDATE map_runs SET status = ?, stopped = ?, counts = ? WHERE arn = ?",
      ...[status, at, counts, arn],
    );
  }

  /** Ends the Map runs of an execution that has ended. */
  endAll(execution: number, at: number): void {
    const rows = this.#database.all(
      "SELECT arn FROM map_runs WHERE execution = ? AND status = 'RUNNING'",
      execution,
    );
    for (const { arn } of rows) this.end(String(arn), "ABORTED", at);
  }

  get(arn: string): MapRun | undefined {
    const row = this.#database.get("SELECT * FROM map_runs WHERE arn = ?", arn);
    return row && toMapRun(row);
  }

  /** Returns the Map runs of an execution or a child, newest first. */
  of(parent: string): MapRun[] {
    return this.#database
      .all("SELECT * FROM map_runs WHERE parent = ? ORDER BY started DESC, arn", parent)
      .map(toMapRun);
  }

  /** Counts the children. `over`: those that have not ended by now never will. */
  counts({ frame }: Pick<MapRun, "frame">, over = false): ChildCounts {
    this.#database.writePending();
    const counts = { pending: 0, running: 0, succeeded: 0, failed: 0, aborted: 0 };
    const rows = this.#database.all(
      `SELECT phase, outcome LIKE '{"failure"%' AS failed, COUNT(*) AS number FROM frames WHERE parent = ? GROUP BY 1, 2`,
      frame,
    );
    for (const { phase, failed, number } of rows) {
      const open = phase === "pending" ? "pending" : over ? "aborted" : "running";
      const kind = phase === "done" ? (failed === 1 ? "failed" : "succeeded") : open;
      counts[kind] += Number(number);
    }
    return counts;
  }

  deleteOf(execution: number): void {
    this.#database.run("DELETE FROM map_runs WHERE execution = ?", execution);
  }
}
