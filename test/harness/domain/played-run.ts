import { expect } from "vitest";
import { dispatchRun } from "../../../shared/domain/dispatch/dispatch-run.ts";
import { parkGate } from "../../../shared/domain/gates/park-gate.ts";
import { passGate } from "../../../shared/domain/gates/pass-gate.ts";
import { TaskError } from "../../../shared/domain/gates/task-error.ts";
import { drainBatch } from "../../../shared/domain/holds/drain-batch.ts";
import { TASK_EVENT_VERSION } from "../../../shared/model/machines/task-events.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, type Fresh } from "./held-flow.ts";
import type { HoldHarness } from "./hold-harness.ts";

/** The number of events after which a run would continue as new. None of these is that long. */
const historyMark = () => 24_000;

/** A run whose execution is played here: each token that is sent leads back to its gate. */
export class PlayedRun {
  readonly run: RunItem;
  readonly #harness: HoldHarness;
  readonly #path: string;
  readonly #state: string;
  passed = false;
  /** Tokens that were sent. */
  wakes = 0;
  #parked: string | undefined;

  constructor(harness: HoldHarness, run: RunItem, state: string, path: string) {
    this.#harness = harness;
    this.run = run;
    this.#state = state;
    this.#path = path;
  }

  get deps() {
    return depsOf(this.#harness, [this]);
  }

  /** Sends a token. Returns whether it is this run's. */
  async sent(token: string): Promise<boolean> {
    if (token !== this.#parked) return false;
    this.#parked = undefined;
    this.wakes += 1;
    if (this.wakes > 20) throw new Error("It is woken again and again");
    await this.gate();
    return true;
  }

  /** Calls the gate, and parks if it refuses. */
  async gate(): Promise<void> {
    const harness = this.#harness;
    harness.now += 1_000;
    const { workspace, flowId, incarnation, runId } = this.run;
    const visit = {
      ...{ v: TASK_EVENT_VERSION, workspace, flowId, incarnation, execution: `${runId}.1` },
      ...{ state: this.#state, path: this.#path, entered: new Date(harness.now).toISOString() },
    };
    try {
      await passGate(this.deps, { ...visit, op: "gate", kind: "step", type: "Task" });
      this.passed = true;
    } catch (error) {
      if (!(error instanceof TaskError) || error.why !== "paused") throw error;
      this.#parked = harness.deps.ids.unique();
      await parkGate(this.deps, { ...visit, op: "park", token: this.#parked });
    }
  }

  async now(): Promise<RunItem> {
    const found = await this.#harness.deps.runs.get(this.run.workspace, this.run.runId);
    if (found === undefined) throw new Error("The run is gone");
    return found;
  }
}

/** The harness's dependencies, with the executions of these runs. */
const depsOf = (harness: HoldHarness, runs: readonly PlayedRun[]) => {
  const succeed = async (token: string) => {
    for (const run of runs) if (await run.sent(token)) break;
    return "settled" as const;
  };
  const executions: HoldHarness["started"] = Object.assign(Object.create(harness.started), { succeed });
  return { ...harness.deps, historyMark, executions };
};

/** Plays runs of the test's flow, and the drains that lifts record. */
export const playedRuns = (fresh: () => Pick<Fresh, "harness" | "flow">) => {
  /** A run that has just come to the state, before its gate is called. One inside a branch has entered the state around it. */
  const playedRun = async (state: string, path = ""): Promise<PlayedRun> => {
    const { harness, flow } = fresh();
    const { workspace, flowId } = flow;
    const request = { workspace, flowId, starter: { actor: ANN, permissions: [] }, payload: {} };
    const { record } = await dispatchRun(harness.deps, request);
    const played = new PlayedRun(harness, record, state, path);
    if (path === "") return played;
    const outer = new PlayedRun(harness, record, "Fan", "");
    await outer.gate();
    expect(outer.passed).toBe(true);
    return played;
  };
  /** Runs one batch of the flow's drain; false if it has none. */
  const batch = async (...runs: readonly PlayedRun[]): Promise<boolean> => {
    const { harness, flow } = fresh();
    const now = await harness.deps.flows.read(flow.workspace, flow.flowId);
    if (now?.drain === undefined) return false;
    const { workspace, flowId, incarnation, drain } = now;
    const { epoch, attempt } = drain;
    await drainBatch(depsOf(harness, runs), { workspace, flowId, incarnation, epoch, attempt, batches: 0 });
    return true;
  };
  /** Plays the drain to its end. */
  const drain = async (...runs: readonly PlayedRun[]): Promise<void> => {
    while (await batch(...runs)) fresh().harness.now += 20_000;
  };
  return { playedRun, batch, drain };
};
