import { dispatchedRunId } from "../../../../shared/domain/dispatch/dispatch-run.ts";
import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { flowItemOf } from "../../../../shared/store/flows/flow-item.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { askedStep } from "./runs.ts";

/** A call that a compiled flow makes during a run. */
const duringRun = (
  name: string,
  handler: Scenario["handler"],
  shape: Shape,
  mark: string,
  before?: (context: ScenarioContext, flowId: string) => Promise<unknown>,
  after?: (context: ScenarioContext, flowId: string, runId: string) => Promise<unknown>,
): Scenario => ({
  name,
  handler,
  prepare: async (context): Promise<Prepared> => {
    const own = before !== undefined || [pauseFlow, holdTwo].some((one) => one === after);
    const flowId = own ? await context.flow(shape) : await context.common(shape);
    await before?.(context, flowId);
    const { key, runId } = await keyed(context, flowId);
    return {
      matches: (event) => event.includes(runId) && event.includes(mark),
      act: async () => {
        await context.run(flowId, key);
        await after?.(context, flowId, runId);
      },
    };
  },
});

/** The key and the id of a run that is dispatched later. */
const keyed = async (context: ScenarioContext, flowId: string): Promise<{ key: string; runId: string }> => {
  const key = context.fresh();
  const item = await context.environment.ledger.flowItem(flowId);
  if (item === undefined) throw new Error(`No flow ${flowId}`);
  return { key, runId: dispatchedRunId(flowItemOf(item), { kind: "user", id: "admin" }, key) };
};

const gate = (
  name: string,
  shape: Shape,
  mark: string,
  ...more: [Parameters<typeof duringRun>[4]?, Parameters<typeof duringRun>[5]?]
) => duringRun(`gate ${name}`, "gate", shape, mark, ...more);

const cap = (limit: number) => (context: ScenarioContext, flowId: string) =>
  context.must("PUT", `/flows/${flowId}/caps`, { spend: { limit, period: "day" } });
const errorCap = (percent?: number) => (context: ScenarioContext, flowId: string) =>
  context.must("PUT", `/flows/${flowId}/caps`, {
    errors: { count: 1, per: "day", ...(percent === undefined ? {} : { percent }) },
  });
const pauseRun = async (context: ScenarioContext, flowId: string, runId: string) => {
  await context.untilBusy(flowId, runId);
  await context.must("POST", `/runs/${runId}/pause`, {});
};
const pauseBefore = (before: string) => async (context: ScenarioContext, flowId: string, runId: string) => {
  await context.untilBusy(flowId, runId);
  await context.must("POST", `/runs/${runId}/pause`, { before });
};
const oneStep = async (context: ScenarioContext, flowId: string, runId: string) => {
  await pauseRun(context, flowId, runId);
  await context.must("POST", `/runs/${runId}/resume`, { steps: 1 });
};
const pauseFlow = async (context: ScenarioContext, flowId: string, runId: string) => {
  await context.untilBusy(flowId, runId);
  await context.must("POST", `/flows/${flowId}/pause`, {});
};
const holdTwo = async (context: ScenarioContext, flowId: string, runId: string) => {
  await context.untilBusy(flowId, runId);
  await context.must("POST", `/flows/${flowId}/pause`, { steps: ["two"] });
};
const holdOne = (context: ScenarioContext, flowId: string) =>
  context.must("POST", `/flows/${flowId}/pause`, { steps: ["one"] });
/** The field of an event that comes from a child of a Distributed Map. */
const CHILD = '"child"';
/** The end of a generated state's name in an event. */
const STATE_ONE = ' - one"';

/**
 * A drain of two parked runs and two queued records. `mark` selects one of its batches. `resume`: the request that begins it. `steps` are
 * held beside it.
 */
const drain = (name: string, mark: string, resume: JsonObject = {}, steps?: readonly string[]): Scenario => ({
  name: `drain: ${name}`,
  handler: "drain",
  stages: 1,
  prepare: async (context) => {
    const flowId = await context.flow(SHAPES.busy);
    for (const runId of [await context.run(flowId), await context.run(flowId)])
      await context.untilBusy(flowId, runId);
    await context.must("POST", `/flows/${flowId}/pause`, {});
    await context.run(flowId);
    await context.run(flowId);
    return {
      matches: (event) => event.includes(flowId) && event.includes(mark),
      stages: [async () => undefined],
      act: async () => {
        const { holds } = await context.must<Flow>("GET", `/flows/${flowId}`);
        if (steps !== undefined) await context.must("POST", `/flows/${flowId}/pause`, { steps });
        const lifted = { holds: holds.map(({ holdId }) => holdId), ...resume };
        await context.must("POST", `/flows/${flowId}/resume`, lifted);
      },
    };
  },
});

/** The event that an execution has ended. `before` prepares the run. */
const closed = (
  name: string,
  shape: Shape,
  end?: (context: ScenarioContext, runId: string) => Promise<unknown>,
  before?: (context: ScenarioContext, flowId: string, runId: string) => Promise<unknown>,
  make: (context: ScenarioContext) => Promise<string> = (context) => context.common(shape),
): Scenario => ({
  name: `execution closed: ${name}`,
  handler: "executionClosed",
  stages: before === pauseRun ? 1 : 0,
  prepare: async (context) => {
    const flowId = await make(context);
    const { key, runId } = await keyed(context, flowId);
    const matches = (event: string) => event.includes(runId);
    if (end === undefined) return { matches, act: () => context.run(flowId, key) };
    await context.run(flowId, key);
    await before?.(context, flowId, runId);
    const stages = before === pauseRun ? [async () => undefined] : [];
    return { matches, stages, act: () => end(context, runId) };
  },
});

const capped = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.busy);
  await errorCap()(context, flowId);
  return flowId;
};

const stopOutside = (context: ScenarioContext, runId: string) => context.stopOutside(runId);

export const machineScenarios: readonly Scenario[] = [
  gate("of the first step", SHAPES.line, STATE_ONE),
  gate("of a later step", SHAPES.line, ' - two"'),
  gate("of a wait", SHAPES.waits, ' - Hours"'),
  gate("after a wait", SHAPES.waits, ' - two"'),
  gate("in a branch", SHAPES.branches, STATE_ONE),
  gate("of a child", SHAPES.children, STATE_ONE),
  gate("of a child of a paused run", SHAPES.children, CHILD, undefined, pauseRun),
  gate("of a child of a held flow", SHAPES.children, CHILD, undefined, pauseFlow),
  gate("of an approval", SHAPES.approval, ' - ask"'),
  gate("at the end", SHAPES.line, '"kind":"complete"'),
  gate("of a failure", SHAPES.fails, '"kind":"fail"'),
  gate("of a failure that meets the error cap", SHAPES.fails, '"kind":"fail"', errorCap()),
  gate("at the end, counted against an error cap", SHAPES.line, '"kind":"complete"', errorCap(50)),
  gate("past the deadline", SHAPES.tooLate, ' - two"'),
  gate("of a paused run", SHAPES.busy, STATE_ONE, undefined, pauseRun),
  gate("of a held flow", SHAPES.busy, STATE_ONE, undefined, pauseFlow),
  gate("of a held step", SHAPES.busy, ' - two"', undefined, holdTwo),
  gate("of a held step in a branch", SHAPES.branches, STATE_ONE, holdOne),
  gate("of a held step in a child", SHAPES.children, CHILD, holdOne),
  gate("at a breakpoint", SHAPES.busy, ' - two"', undefined, pauseBefore("two")),
  gate("of a step that is counted", SHAPES.busy, STATE_ONE, undefined, oneStep),
  gate("after the last step of a resume", SHAPES.busy, ' - two"', undefined, oneStep),
  gate("with a cost", SHAPES.costs, STATE_ONE),
  gate("that meets the spend cap", SHAPES.costs, ' - two"', cap(5)),
  duringRun("park for a pause", "park", SHAPES.busy, STATE_ONE, undefined, pauseRun),
  duringRun("park for a hold", "park", SHAPES.busy, STATE_ONE, undefined, pauseFlow),
  duringRun("park at a held step", "park", SHAPES.busy, ' - two"', undefined, holdTwo),
  duringRun("park at a held step in a branch", "park", SHAPES.branches, STATE_ONE, holdOne),
  duringRun("park at a held step in a child", "park", SHAPES.children, CHILD, holdOne),
  duringRun("park in a branch", "park", SHAPES.branches, STATE_ONE, undefined, pauseRun),
  duringRun("park of a child for a pause", "park", SHAPES.children, CHILD, undefined, pauseRun),
  duringRun(
    "park of a child for a breakpoint",
    "park",
    SHAPES.children,
    CHILD,
    undefined,
    pauseBefore("one"),
  ),
  duringRun("park of a child for a hold", "park", SHAPES.children, CHILD, undefined, pauseFlow),
  duringRun("ask a person", "humanStep", SHAPES.approval, '"ask"'),
  ...["keep", "leave", "arrive", "variable", "input"].map((part) =>
    duringRun(`continue as new: ${part}`, "handOver", SHAPES.loops, `"part":"${part}"`),
  ),
  drain("the first batch", '"batches":0'),
  drain("a look at an empty queue", '"batches":1'),
  drain("the last batch", '"batches":2'),
  drain("the end of its ramp", '"batches":1', { ramp: { from: 1, factor: 100, every: "PT1S" } }),
  drain("the choice of a canary's runs", '"batches":0', { canary: 2 }),
  drain("a look at a canary's runs", '"batches":1', { canary: 2 }),
  drain("beside a hold on a step", '"batches":0', {}, ["one"]),
  closed("completed", SHAPES.line),
  closed("failed", SHAPES.fails),
  closed("stopped from outside", SHAPES.busy, stopOutside, (context, flowId, runId) =>
    context.untilBusy(flowId, runId),
  ),
  closed(
    "stopped from outside, which meets the error cap",
    SHAPES.busy,
    stopOutside,
    (context, flowId, runId) => context.untilBusy(flowId, runId),
    capped,
  ),
  closed("stopped while it was parked", SHAPES.busy, stopOutside, pauseRun),
  closed("stopped while it waited for a person", SHAPES.approval, stopOutside, (context, _flowId, runId) =>
    askedStep(context, runId),
  ),
  {
    name: "publish events",
    handler: "publishChanges",
    prepare: async (context) => {
      const flowId = await context.common(SHAPES.line);
      const { key, runId } = await keyed(context, flowId);
      return {
        matches: (event) => event.includes(runId),
        // A batch of the stream may contain changes of several runs.
        act: () => context.alone(() => context.run(flowId, key)),
      };
    },
  },
];
