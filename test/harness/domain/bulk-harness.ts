import { refusalOf } from "../../../functions/middleware/http-failure.ts";
import { runBulkBatch } from "../../../shared/domain/bulk/run-bulk-batch.ts";
import { startBulk } from "../../../shared/domain/bulk/start-bulk.ts";
import type { BulkJobDependencies } from "../../../shared/domain/deps.ts";
import { dispatchRun } from "../../../shared/domain/dispatch/dispatch-run.ts";
import { failRun } from "../../../shared/domain/runs/fail-run.ts";
import { sweepBulk } from "../../../shared/domain/sweep/sweep-bulk.ts";
import type { Actor } from "../../../shared/model/actor.ts";
import type { StartBulk } from "../../../shared/model/api/bulk-requests.ts";
import type { BulkState } from "../../../shared/model/machines/loop-machine.ts";
import type { BulkResult } from "../../../shared/model/schemas/bulk.ts";
import type { BulkItem } from "../../../shared/store/bulk/bulk-item.ts";
import { BulkStore } from "../../../shared/store/bulk/bulks.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import { VersionStore } from "../../../shared/store/flows/versions.ts";
import { RunIndex } from "../../../shared/store/runs/run-index.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import type { Table } from "../../../shared/store/table.ts";
import { HoldHarness } from "./hold-harness.ts";

export const ANN: Actor = { kind: "user", id: "ann" };
const WORKSPACE = "demo";

/** Bulk operations on a real table. Everything else is kept in memory, and the test runs the batches. */
export class BulkHarness extends HoldHarness {
  readonly jobs = new Map<string, BulkState>();
  readonly #table: Table;

  constructor(table: Table) {
    super(table);
    this.#table = table;
  }

  /** The use cases' dependencies. `table` may be one that fails. */
  work(table = this.#table): BulkJobDependencies {
    const { deps } = table === this.#table ? this : new HoldHarness(table);
    return {
      ...deps,
      clock: this.deps.clock,
      executions: this.started,
      runIndex: new RunIndex(table),
      bulks: new BulkStore(table),
      versions: new VersionStore(table),
      machines: { publish: never, create: never, delete: never, deleteVersion: never },
      compileSettings: never,
      refusalOf,
      bulkJobs: {
        start: async (state) => {
          const name = `${state.bulkId}-${state.attempt}`;
          if (this.jobs.has(name)) return "exists";
          this.jobs.set(name, state);
          return "started";
        },
        isRunning: async () => false,
      },
    };
  }

  /** A flow whose version can be replayed. */
  async replayable(flowId: string): Promise<FlowItem> {
    const flow = await this.flow(this.#table, flowId);
    const text = { StartAt: "Oh", States: { Oh: { Type: "Fail" } } };
    await new VersionStore(this.#table).putText(flow, 1, "user", text);
    return flow;
  }

  async dispatch(flow: FlowItem): Promise<RunItem> {
    const request = { ...flow, starter: { actor: ANN, permissions: [] }, payload: {} };
    return (await dispatchRun(this.deps, request)).record;
  }
  async failed(flow: FlowItem): Promise<RunItem> {
    const failure = { error: "Oh", cause: "no", state: "Oh" };
    const run = await failRun(this.deps, await this.dispatch(flow), failure, {});
    if (run === undefined) throw new Error("It did not fail");
    return run;
  }

  start(
    asked: StartBulk,
    more: { readonly deps?: BulkJobDependencies; readonly idempotencyKey?: string } = {},
  ): Promise<BulkItem> {
    const { deps = this.work(), idempotencyKey } = more;
    const starter = { actor: ANN, permissions: [] };
    return startBulk(deps, { workspace: WORKSPACE, starter, asked, defaultRate: 100, idempotencyKey });
  }

  /** Runs one batch of the newest attempt, as the machine does. */
  batch(bulk: BulkItem, deps = this.work()): Promise<BulkState> {
    const state = [...this.jobs.values()].findLast(({ bulkId }) => bulkId === bulk.bulkId);
    if (state === undefined) throw new Error("No job was started");
    return runBulkBatch(deps, state);
  }
  async finish(bulk: BulkItem): Promise<BulkItem> {
    for (let batches = 0; (await this.batch(bulk)).goesOn === true; batches += 1) {
      if (batches > 100) throw new Error("It does not end");
    }
    return this.read(bulk);
  }
  /** The sweeper, more than a minute later. */
  async sweepLater(bulk: BulkItem): Promise<void> {
    this.now += 61_000;
    await sweepBulk(this.work(), bulk);
  }
  async read(bulk: BulkItem): Promise<BulkItem> {
    const found = await this.work().bulks.get(bulk.workspace, bulk.bulkId);
    if (found === undefined) throw new Error("The operation is gone");
    return found;
  }
  async results(bulk: BulkItem): Promise<BulkResult[]> {
    const all: BulkResult[] = [];
    for await (const { results } of this.work().bulks.results(bulk, 0)) all.push(...results);
    return all;
  }
  run(runId: string): Promise<RunItem | undefined> {
    return this.deps.runs.get(WORKSPACE, runId);
  }
}

const never = (): never => {
  throw new Error("Nobody asks for this here");
};
