import type { Run } from "../../../shared/model/schemas/run.ts";
import { starterName } from "../../../shared/model/started-by.ts";
import type { RunStatus } from "../../../shared/model/transitions.ts";
import type { TestStack } from "../../harness/stack/test-stack.ts";
import { type ListWorld, pageOf, type Query } from "./list-world.ts";

interface KnownRun {
  readonly runId: string;
  readonly flowId: string;
  readonly startedBy: string;
  readonly createdAt: string;
  status: RunStatus;
  pausedBy: string | undefined;
}

const FLOWS = ["left", "right"] as const;
const RUNS = 14;

/** Runs in the queues of two held flows, where nothing happens but what the test does. */
export class KnownRuns {
  readonly #stack: TestStack;
  readonly #runs = new Map<string, KnownRun>();
  #dispatched = 0;

  private constructor(stack: TestStack) {
    this.#stack = stack;
  }

  static async prepare(stack: TestStack): Promise<KnownRuns> {
    const runs = new KnownRuns(stack);
    for (const flowId of FLOWS) {
      await stack.admin.publish(flowId, { StartAt: "End", States: { End: { Type: "Succeed" } } });
      await stack.admin.expect([200], "POST", `/flows/${flowId}/pause`, {});
    }
    for (let n = 0; n < RUNS; n += 1) await runs.dispatch();
    // Without a pattern: rows of runs that match a filter on pauses, and rows of those that do not.
    for (let n = 0; n < RUNS / 2; n += 1) await runs.act("pause", n * 5);
    return runs;
  }

  readonly dispatch = async (): Promise<void> => {
    this.#dispatched += 1;
    const flowId = FLOWS[this.#dispatched % FLOWS.length] ?? "";
    const client = this.#dispatched % 3 === 0 ? this.#stack.admin : this.#stack.operator;
    const dispatched = await client.dispatch(flowId, {});
    const { runId, createdAt } = dispatched;
    const startedBy = starterName(dispatched);
    const run = { runId, flowId, createdAt, startedBy, status: "pending" as const, pausedBy: undefined };
    this.#runs.set(runId, run);
  };

  async act(action: "pause" | "resume" | "cancel", choice: number): Promise<void> {
    const from = action === "resume" ? ["paused"] : action === "pause" ? ["pending"] : ["pending", "paused"];
    const run = this.#choose(choice, from);
    if (run === undefined) return;
    const { status } = await this.#stack.operator.act(run.runId, action);
    if (status !== 200) throw new Error(`${action}: ${status}`);
    run.status = action === "pause" ? "paused" : action === "resume" ? "pending" : "cancelled";
    run.pausedBy = action === "pause" ? "operator" : undefined;
  }

  async delete(choice: number): Promise<void> {
    const run = this.#choose(choice, ["pending", "paused", "cancelled"]);
    if (run === undefined || this.#runs.size < RUNS) return;
    await this.#stack.admin.expect([204], "DELETE", `/runs/${run.runId}`);
    this.#runs.delete(run.runId);
  }

  readonly changes: ListWorld["changes"] = [
    () => this.dispatch(),
    (choice) => this.act("pause", choice),
    (choice) => this.act("resume", choice),
    (choice) => this.act("cancel", choice),
    (choice) => this.delete(choice),
  ];

  /** The runs that match a filter, by what the test has done. */
  matching(filter: Query, statuses?: readonly RunStatus[]): string[] {
    const { status, flowId, startedBy, pausedBy, createdAfter, createdBefore } = filter;
    return [...this.#runs.values()]
      .filter((run) => statuses === undefined || statuses.includes(run.status))
      .filter((run) => status === undefined || status.split(",").includes(run.status))
      .filter((run) => flowId === undefined || run.flowId === flowId)
      .filter((run) => startedBy === undefined || run.startedBy === startedBy)
      .filter((run) => pausedBy === undefined || run.pausedBy === pausedBy)
      .filter((run) => createdAfter === undefined || run.createdAt > createdAfter)
      .filter((run) => createdBefore === undefined || run.createdAt < createdBefore)
      .map(({ runId }) => runId);
  }

  filters(): Query[] {
    const times = [...this.#runs.values()].map(({ createdAt }) => createdAt).sort();
    const [second = "", later = ""] = [times[1], times.at(-4)];
    return [
      {},
      { flowId: "left" },
      { startedBy: "admin" },
      { flowId: "right", startedBy: "operator" },
      { status: "pending" },
      { status: "paused,pending" },
      { status: "paused", flowId: "left" },
      { status: "cancelled,pending,paused", startedBy: "admin" },
      { pausedBy: "operator" },
      { pausedBy: "operator", flowId: "left" },
      { pausedBy: "operator", startedBy: "operator", flowId: "right" },
      { pausedBy: "operator", createdAfter: second },
      { createdAfter: second },
      { createdBefore: later, flowId: "left" },
      { createdAfter: second, createdBefore: later, status: "pending,paused" },
    ];
  }

  #choose(choice: number, statuses: readonly string[]): KnownRun | undefined {
    const fitting = [...this.#runs.values()].filter(({ status }) => statuses.includes(status));
    return fitting[choice % Math.max(1, fitting.length)];
  }
}

const idOf = ({ runId }: Pick<Run, "runId">): string => runId;

export const runsWorld = (stack: TestStack, runs: KnownRuns): ListWorld => ({
  filters: runs.filters(),
  changes: runs.changes,
  expected: (filter) => runs.matching(filter),
  page: pageOf((query) => stack.admin.api.listRuns({ query }), idOf),
});

export const attentionWorld = (stack: TestStack, runs: KnownRuns): ListWorld => ({
  filters: runs.filters().filter(({ status }) => status === undefined || status === "paused"),
  changes: runs.changes,
  expected: (filter) => runs.matching(filter, ["paused", "failed"]),
  page: pageOf((query) => stack.admin.api.listAttention({ query }), idOf),
});
