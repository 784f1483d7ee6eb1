import { functions } from "../../../../infra/functions.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { World } from "../world.ts";
import { askedStep } from "./runs.ts";

interface Broken {
  /** What the index of due things is to bring up: ids of runs, flows, operations. */
  readonly due: readonly string[];
  readonly stages?: Prepared["stages"];
}

/** Something that others left unfinished, met by the sweep that is struck. */
const sweeping = (name: string, make: (world: World) => Promise<Broken>, stages = 1): Scenario => ({
  name: `sweep: ${name}`,
  handler: "sweep",
  stages,
  prepare: async (world) => {
    const { due, stages: more = [] } = await make(world);
    const token = world.fresh();
    return {
      matches: (event) => event.includes(token),
      stages: [...more, async () => world.crashes.giveBack(...due)],
      sweeps: due,
      act: () => world.stack.invoke(functions.sweep.name, { token }),
      // Asked by every sweep, whatever is due: struck by a scenario of its own.
      besides: (call) => due.length > 0 && (call.input as { IndexName?: string }).IndexName !== undefined,
    };
  },
});

const { control, dispatch, holds, bulk, publish, executionClosed, autoResume } = functions;

const runOf = async (world: World, shape: Shape): Promise<{ flowId: string; runId: string }> => {
  const flowId = await world.flow(shape);
  const runId = await world.run(flowId);
  const status = shape === SHAPES.approval || shape === SHAPES.waits ? "waiting" : "running";
  await world.stack.admin.untilStatus(runId, status, 60);
  return { flowId, runId };
};

export const sweepScenarios: readonly Scenario[] = [
  sweeping("nothing is due", async () => ({ due: [] })),
  sweeping("a start that failed", async (world) => {
    const flowId = await world.flow(SHAPES.line);
    world.crashes.lose(dispatch.name, flowId, "StartExecution");
    const runId = await world.run(flowId);
    return { due: [runId, flowId] };
  }),
  sweeping("a stop that failed", async (world) => {
    const { runId } = await runOf(world, SHAPES.waits);
    world.crashes.lose(control.name, runId, "StopExecution");
    await world.must("POST", `/runs/${runId}/cancel`, {});
    return { due: [runId] };
  }),
  sweeping(
    "a wake that failed",
    async (world) => {
      const { runId } = await runOf(world, SHAPES.branches);
      await world.must("POST", `/runs/${runId}/pause`, {});
      const resume = async () => {
        world.crashes.lose(control.name, `/runs/${runId}/resume`, "SendTaskSuccess");
        await world.must("POST", `/runs/${runId}/resume`, {});
        world.crashes.giveBack(`/runs/${runId}/resume`);
      };
      return { due: [runId], stages: [resume] };
    },
    2,
  ),
  sweeping("a run that did not get back into its queue", async (world) => {
    const flowId = await world.pausedFlow(SHAPES.line);
    const runId = await world.run(flowId);
    await world.must("POST", `/runs/${runId}/pause`, {});
    world.crashes.lose(control.name, `/runs/${runId}/resume`, "PutItem");
    await world.must("POST", `/runs/${runId}/resume`, {});
    world.crashes.giveBack(`/runs/${runId}/resume`);
    return { due: [runId] };
  }),
  sweeping("an answer that was not delivered", async (world) => {
    const { runId } = await runOf(world, SHAPES.approval);
    const stepId = await askedStep(world, runId);
    world.crashes.lose(control.name, runId, "SendTaskSuccess");
    await world.must("POST", `/runs/${runId}/steps/${stepId}/complete`, { decision: "approved" });
    return { due: [runId] };
  }),
  sweeping(
    "a run past its deadline",
    async (world) => {
      const flowId = await world.flow(SHAPES.late);
      const runId = await world.run(flowId);
      await world.stack.admin.untilStatus(runId, "waiting", 60);
      // Two hours.
      return { due: [runId], stages: [nothing, nothing] };
    },
    3,
  ),
  sweeping("an execution that was stopped, and its event lost", async (world) => {
    const { runId } = await runOf(world, SHAPES.busy);
    world.crashes.lose(executionClosed.name, runId);
    await world.stopOutside(runId);
    return { due: [runId] };
  }),
  sweeping(
    "an execution that was stopped while it was parked",
    async (world) => {
      const { runId } = await runOf(world, SHAPES.busy);
      await world.must("POST", `/runs/${runId}/pause`, {});
      world.crashes.lose(executionClosed.name, runId);
      return { due: [runId], stages: [() => world.stopOutside(runId)] };
    },
    2,
  ),
  sweeping("a hold past its end", async (world) => {
    const resumeAt = new Date(world.stack.now() + 60_000).toISOString();
    const flowId = await world.pausedFlow(SHAPES.line, { resumeAt });
    world.crashes.lose(autoResume.name, flowId);
    await world.run(flowId);
    return { due: [flowId] };
  }),
  sweeping("a drain that was never started", async (world) => {
    const flowId = await world.pausedFlow(SHAPES.line);
    await world.run(flowId);
    world.crashes.lose(holds.name, flowId, "StartExecution");
    await world.must("POST", `/flows/${flowId}/resume`, {});
    return { due: [flowId] };
  }),
  sweeping(
    "a counter that was not written",
    async (world) => {
      const flowId = await world.pausedFlow(SHAPES.line);
      const counter = `${(await world.flowItem(flowId))["incarnation"]}#C#`;
      world.crashes.lose(dispatch.name, counter, "UpdateItem");
      await world.run(flowId);
      return { due: [flowId, counter], stages: [nothing, nothing] };
    },
    3,
  ),
  sweeping("a deletion of a flow that failed", async (world) => {
    const flowId = await world.flow(SHAPES.line);
    world.deleted.add(flowId);
    world.crashes.lose(publish.name, flowId, "DeleteStateMachine");
    await world.call("DELETE", `/flows/${flowId}`);
    return { due: [flowId] };
  }),
  sweeping("a tombstone", async (world) => {
    const { flowId, runId } = await runOf(world, SHAPES.busy);
    world.deleted.add(flowId);
    await world.must("POST", `/runs/${runId}/pause`, {});
    world.crashes.lose(control.name, runId, "StopExecution");
    await world.must("DELETE", `/runs/${runId}`);
    return { due: [runId] };
  }),
  sweeping("a bulk operation whose job was never started", async (world) => {
    const { flowId } = await runOf(world, SHAPES.busy);
    world.crashes.lose(bulk.name, flowId, "StartExecution");
    const body = { action: "cancel", filter: { flowId } };
    const { bulkId } = await world.must<{ bulkId: string }>("POST", "/bulk-operations", body);
    return { due: [bulkId, flowId] };
  }),
];

/** Three months later. */
export const retentionScenarios: readonly Scenario[] = [
  sweeping("a run past its retention", async (world) => {
    const flowId = await world.flow(SHAPES.line);
    world.deleted.add(flowId);
    const runId = await world.run(flowId);
    await world.stack.admin.untilStatus(runId, "completed", 60);
    return { due: [runId] };
  }),
];

async function nothing(): Promise<void> {}
