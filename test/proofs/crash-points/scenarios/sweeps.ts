import { functions } from "../../../../infra/functions.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { triggered } from "./intake.ts";
import { askedStep } from "./runs.ts";

interface Broken {
  /** Ids of the runs, flows and operations that the index of due items returns. */
  readonly due: readonly string[];
  readonly stages?: Prepared["stages"];
}

/** Work that others left unfinished, found by the sweep that crashes. */
const sweeping = (
  name: string,
  make: (context: ScenarioContext) => Promise<Broken>,
  stages = 1,
): Scenario => ({
  name: `sweep: ${name}`,
  handler: "sweep",
  stages,
  prepare: async (context) => {
    const { due, stages: more = [] } = await make(context);
    const token = context.fresh();
    return {
      matches: (event) => event.includes(token),
      stages: [...more, async () => context.crashes.restore(...due)],
      sweeps: due,
      act: () => context.environment.invoke(functions.sweep.name, { token }),
      // Every sweep makes these calls, whatever is due. A scenario of its own crashes them.
      ignores: (call) => due.length > 0 && (call.input as { IndexName?: string }).IndexName !== undefined,
    };
  },
});

/** Its runs wait for longer than they are expected to last. */
const EXPECTING: Shape = {
  ...SHAPES.late,
  definition: { ...SHAPES.late.definition, Sluice: { Expect: "PT1M" } },
};

const { control, dispatch, holds, bulk, publish, executionClosed, autoResume } = functions;

const runOf = async (context: ScenarioContext, shape: Shape): Promise<{ flowId: string; runId: string }> => {
  const flowId = await context.flow(shape);
  const runId = await context.run(flowId);
  const status = shape === SHAPES.approval || shape === SHAPES.waits ? "waiting" : "running";
  await context.environment.admin.untilStatus(runId, status, 60);
  return { flowId, runId };
};

export const sweepScenarios: readonly Scenario[] = [
  sweeping("nothing is due", async () => ({ due: [] })),
  sweeping("a start that failed", async (context) => {
    const flowId = await context.flow(SHAPES.line);
    context.crashes.lose(dispatch.name, flowId, "StartExecution");
    const runId = await context.run(flowId);
    return { due: [runId, flowId] };
  }),
  sweeping("a stop that failed", async (context) => {
    const { runId } = await runOf(context, SHAPES.waits);
    context.crashes.lose(control.name, runId, "StopExecution");
    await context.must("POST", `/runs/${runId}/cancel`, {});
    return { due: [runId] };
  }),
  sweeping(
    "a wake that failed",
    async (context) => {
      const { runId } = await runOf(context, SHAPES.branches);
      await context.must("POST", `/runs/${runId}/pause`, {});
      const resume = async () => {
        context.crashes.lose(control.name, `/runs/${runId}/resume`, "SendTaskSuccess");
        await context.must("POST", `/runs/${runId}/resume`, {});
        context.crashes.restore(`/runs/${runId}/resume`);
      };
      return { due: [runId], stages: [resume] };
    },
    2,
  ),
  sweeping("a run that did not get back into its queue", async (context) => {
    const flowId = await context.pausedFlow(SHAPES.line);
    const runId = await context.run(flowId);
    await context.must("POST", `/runs/${runId}/pause`, {});
    context.crashes.lose(control.name, `/runs/${runId}/resume`, "PutItem");
    await context.must("POST", `/runs/${runId}/resume`, {});
    context.crashes.restore(`/runs/${runId}/resume`);
    return { due: [runId] };
  }),
  sweeping("an answer that was not delivered", async (context) => {
    const { runId } = await runOf(context, SHAPES.approval);
    const stepId = await askedStep(context, runId);
    context.crashes.lose(control.name, runId, "SendTaskSuccess");
    await context.must("POST", `/runs/${runId}/steps/${stepId}/complete`, { decision: "approved" });
    return { due: [runId] };
  }),
  sweeping(
    "a run past its deadline",
    async (context) => {
      const flowId = await context.flow(SHAPES.late);
      const runId = await context.run(flowId);
      await context.environment.admin.untilStatus(runId, "waiting", 60);
      // Two hours.
      return { due: [runId], stages: [nothing, nothing] };
    },
    3,
  ),
  sweeping("an execution that was stopped, and its event lost", async (context) => {
    const { runId } = await runOf(context, SHAPES.busy);
    context.crashes.lose(executionClosed.name, runId);
    await context.stopOutside(runId);
    return { due: [runId] };
  }),
  sweeping(
    "an execution that was stopped while it was parked",
    async (context) => {
      const { runId } = await runOf(context, SHAPES.busy);
      await context.must("POST", `/runs/${runId}/pause`, {});
      context.crashes.lose(executionClosed.name, runId);
      return { due: [runId], stages: [() => context.stopOutside(runId)] };
    },
    2,
  ),
  sweeping(
    "an overdue run",
    async (context) => {
      const flowId = await context.flow(EXPECTING);
      const runId = await context.run(flowId);
      await context.environment.admin.untilStatus(runId, "waiting", 60);
      return { due: [runId], stages: [nothing] };
    },
    2,
  ),
  sweeping("a hold past its end", async (context) => {
    const resumeAt = new Date(context.environment.now() + 60_000).toISOString();
    const flowId = await context.pausedFlow(SHAPES.line, { resumeAt });
    context.crashes.lose(autoResume.name, flowId);
    await context.run(flowId);
    return { due: [flowId] };
  }),
  sweeping("a planned pause whose schedule is lost", async (context) => {
    const startAt = new Date(context.environment.now() + 60_000).toISOString();
    const flowId = await context.pausedFlow(SHAPES.line, { startAt });
    context.crashes.lose(autoResume.name, flowId);
    return { due: [flowId] };
  }),
  sweeping("a drain that was never started", async (context) => {
    const flowId = await context.pausedFlow(SHAPES.line);
    await context.run(flowId);
    context.crashes.lose(holds.name, flowId, "StartExecution");
    await context.must("POST", `/flows/${flowId}/resume`, {});
    return { due: [flowId] };
  }),
  sweeping(
    "a counter that was not written",
    async (context) => {
      const flowId = await context.pausedFlow(SHAPES.line);
      const counter = `${(await context.environment.ledger.flowItem(flowId))?.["incarnation"]}#C#`;
      context.crashes.lose(dispatch.name, counter, "UpdateItem");
      await context.run(flowId);
      return { due: [flowId, counter], stages: [nothing, nothing] };
    },
    3,
  ),
  sweeping("a deletion of a flow that failed", async (context) => {
    const flowId = await context.flow(SHAPES.line);
    context.deleted.add(flowId);
    context.crashes.lose(publish.name, flowId, "DeleteStateMachine");
    await context.call("DELETE", `/flows/${flowId}`);
    return { due: [flowId] };
  }),
  sweeping("the schedule of a deleted trigger", async (context) => {
    const flowId = await triggered(context);
    context.crashes.lose(holds.name, flowId, "DeleteSchedule");
    await context.must("DELETE", `/flows/${flowId}/triggers/nightly`);
    return { due: [flowId] };
  }),
  sweeping("a tombstone", async (context) => {
    const { flowId, runId } = await runOf(context, SHAPES.busy);
    context.deleted.add(flowId);
    await context.must("POST", `/runs/${runId}/pause`, {});
    context.crashes.lose(control.name, runId, "StopExecution");
    await context.must("DELETE", `/runs/${runId}`);
    return { due: [runId] };
  }),
  sweeping("a bulk operation whose job was never started", async (context) => {
    const { flowId } = await runOf(context, SHAPES.busy);
    context.crashes.lose(bulk.name, flowId, "StartExecution");
    const body = { action: "cancel", filter: { flowId } };
    const { bulkId } = await context.must<{ bulkId: string }>("POST", "/bulk-operations", body);
    return { due: [bulkId, flowId] };
  }),
];

/** Three months later. */
export const retentionScenarios: readonly Scenario[] = [
  sweeping("a run past its retention", async (context) => {
    const flowId = await context.flow(SHAPES.line);
    context.deleted.add(flowId);
    const runId = await context.run(flowId);
    await context.environment.admin.untilStatus(runId, "completed", 60);
    return { due: [runId] };
  }),
];

/** Eleven months later. */
export const parkedScenarios: readonly Scenario[] = [
  sweeping(
    "a parked run whose execution ends soon",
    async (context) => {
      const { runId } = await runOf(context, SHAPES.busy);
      await context.must("POST", `/runs/${runId}/pause`, {});
      return { due: [runId], stages: [nothing] };
    },
    2,
  ),
  sweeping(
    "a parked run with a variable whose execution ends soon",
    async (context) => {
      const { runId } = await runOf(context, SHAPES.busyWithVariable);
      await context.must("POST", `/runs/${runId}/pause`, {});
      return { due: [runId], stages: [nothing] };
    },
    2,
  ),
];

async function nothing(): Promise<void> {}
