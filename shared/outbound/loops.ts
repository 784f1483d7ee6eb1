import type { BulkState } from "../model/machines/bulk-machine.ts";
import type { DrainState } from "../model/machines/drain-machine.ts";

/** Executions of one of Sluice's own state machines, each named after the drain or bulk operation that it works on. */
export interface Loops<State, Name> {
  /** Returns `exists` when the name is taken, by an earlier call for the same attempt or by an execution that has ended. */
  start(state: State): Promise<"started" | "exists">;
  isRunning(name: Name): Promise<boolean>;
}

/** Executions are named `<incarnation>-<epoch>-<attempt>`. */
export type Drains = Loops<DrainState, Pick<DrainState, "incarnation" | "epoch" | "attempt">>;

/** Executions are named `<bulk id>-<attempt>`. */
export type BulkJobs = Loops<BulkState, Pick<BulkState, "bulkId" | "attempt">>;
