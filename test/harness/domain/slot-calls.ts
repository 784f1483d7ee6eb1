import { dispatchRun } from "../../../shared/domain/dispatch/dispatch-run.ts";
import { putCaps } from "../../../shared/domain/holds/put-caps.ts";
import { closeRun } from "../../../shared/domain/runs/close-run.ts";
import { sweep } from "../../../shared/domain/sweep/sweep.ts";
import type { GateEvent } from "../../../shared/model/machines/task-events.ts";
import { iso } from "../../../shared/model/time/clock.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, type Fresh } from "./held-flow.ts";
import type { HoldHarness } from "./hold-harness.ts";

const SWEEP = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

/** A flow's concurrency limit, and the runs that it lets start. */
export const slotCalls = (fresh: () => Pick<Fresh, "harness" | "flow">) => {
  const limit = (concurrency: FlowItem["caps"]["concurrency"], faulty: Partial<HoldHarness["deps"]> = {}) => {
    const { harness, flow } = fresh();
    const { workspace, flowId } = flow;
    const asked = { workspace, flowId, actor: ANN, caps: { concurrency } };
    return putCaps({ ...harness.deps, ...faulty }, asked);
  };
  const dispatch = async (more: { priority?: number; payload?: unknown } = {}): Promise<string> => {
    const { harness, flow } = fresh();
    harness.now += 10;
    const { workspace, flowId } = flow;
    const request = { payload: {}, ...more, workspace, flowId, starter: { actor: ANN, permissions: [] } };
    return (await dispatchRun(harness.deps, request)).record.runId;
  };
  const several = async (count: number, more: { payload?: unknown } = {}): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i += 1) ids.push(await dispatch(more));
    return ids;
  };
  const run = async (runId = ""): Promise<RunItem> => {
    const { harness, flow } = fresh();
    const found = await harness.deps.runs.get(flow.workspace, runId);
    if (found === undefined) throw new Error("The run is gone");
    return found;
  };
  return {
    ...{ limit, dispatch, several, run },
    /** Ann's request about a run. */
    about: (runId = "") => ({ workspace: fresh().flow.workspace, runId, actor: ANN }),
    end: async (runId = "") =>
      closeRun(fresh().harness.deps, await run(runId), { status: "SUCCEEDED", output: "1" }),
    /** A run's gate before a step. */
    stepGate: (runId: string, state: string): GateEvent => {
      const { workspace, flowId, incarnation } = fresh().flow;
      return {
        ...{ workspace, flowId, incarnation, execution: `${runId}.1`, state, path: "" },
        ...{ op: "gate", kind: "step", v: 3, entered: iso(fresh().harness.deps.clock.now()) },
      };
    },
    /** Ids of the runs that were started, in order. */
    started: () => fresh().harness.started.names.map((name) => name.replace(/\.\d+$/, "")),
    /** Ids of the runs that hold a slot, in order of their ids. */
    holders: async (): Promise<string[]> => {
      const { harness, flow } = fresh();
      const found: string[] = [];
      for await (const { holders } of harness.deps.slots.ofFlow(flow)) found.push(...Object.keys(holders));
      return found.sort();
    },
    /** Ids of the runs that wait for a slot, by key and in the order in which they get one. */
    waiting: async (): Promise<string[]> => {
      const { harness, flow } = fresh();
      const found: string[] = [];
      for await (const id of harness.deps.slotQueues.keys(flow))
        found.push(...(await harness.deps.slotQueues.head(flow, id, 1_000)).map(({ runId }) => runId));
      return found;
    },
    /** Lets time pass until a sweep, which is also that of other tests' flows. */
    sweepAfter: async (milliseconds: number) => {
      const { harness } = fresh();
      harness.now += milliseconds;
      await sweep(harness.deps, SWEEP);
    },
  };
};
