import { idempotentRunId } from "../../../../shared/model/ids.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { World } from "../world.ts";
import { askedStep } from "./runs.ts";

/** A call that a compiled flow makes while a run goes on. */
const onTheWay = (
  name: string,
  handler: Scenario["handler"],
  shape: Shape,
  mark: string,
  before?: (world: World, flowId: string) => Promise<unknown>,
  after?: (world: World, flowId: string, runId: string) => Promise<unknown>,
): Scenario => ({
  name,
  handler,
  prepare: async (world): Promise<Prepared> => {
    const own = before !== undefined || after === pauseFlow;
    const flowId = own ? await world.flow(shape) : await world.common(shape);
    await before?.(world, flowId);
    const { key, runId } = keyed(world, flowId);
    return {
      matches: (event) => event.includes(runId) && event.includes(mark),
      act: async () => {
        await world.run(flowId, key);
        await after?.(world, flowId, runId);
      },
    };
  },
});

/** The id of a run that is still to be dispatched. */
const keyed = (world: World, flowId: string): { key: string; runId: string } => {
  const key = world.fresh();
  return { key, runId: idempotentRunId("dispatch", "demo", "user", "admin", flowId, key) };
};

const gate = (
  name: string,
  shape: Shape,
  mark: string,
  ...more: [Parameters<typeof onTheWay>[4]?, Parameters<typeof onTheWay>[5]?]
) => onTheWay(`gate ${name}`, "gate", shape, mark, ...more);

const cap = (limit: number) => (world: World, flowId: string) =>
  world.must("PUT", `/flows/${flowId}/caps`, { spend: { limit, period: "day" } });
const pauseRun = async (world: World, flowId: string, runId: string) => {
  await world.untilBusy(flowId, runId);
  await world.must("POST", `/runs/${runId}/pause`, {});
};
const pauseFlow = async (world: World, flowId: string, runId: string) => {
  await world.untilBusy(flowId, runId);
  await world.must("POST", `/flows/${flowId}/pause`, {});
};
const STATE_ONE = '"state":"one"';

/** A drain of two parked and two queued; `mark`: which of its batches. */
const drain = (name: string, mark: string): Scenario => ({
  name: `drain: ${name}`,
  handler: "drain",
  stages: 1,
  prepare: async (world) => {
    const flowId = await world.flow(SHAPES.busy);
    for (const runId of [await world.run(flowId), await world.run(flowId)])
      await world.untilBusy(flowId, runId);
    await world.must("POST", `/flows/${flowId}/pause`, {});
    await world.run(flowId);
    await world.run(flowId);
    return {
      matches: (event) => event.includes(flowId) && event.includes(mark),
      stages: [async () => undefined],
      act: () => world.must("POST", `/flows/${flowId}/resume`, {}),
    };
  },
});

/** The event of an execution's end. `before`: what is done to its run, and whether that takes a while. */
const closed = (
  name: string,
  shape: Shape,
  end?: (world: World, runId: string) => Promise<unknown>,
  before?: (world: World, flowId: string, runId: string) => Promise<unknown>,
): Scenario => ({
  name: `execution closed: ${name}`,
  handler: "executionClosed",
  stages: before === pauseRun ? 1 : 0,
  prepare: async (world) => {
    const flowId = await world.common(shape);
    const { key, runId } = keyed(world, flowId);
    const matches = (event: string) => event.includes(runId);
    if (end === undefined) return { matches, act: () => world.run(flowId, key) };
    await world.run(flowId, key);
    await before?.(world, flowId, runId);
    const stages = before === pauseRun ? [async () => undefined] : [];
    return { matches, stages, act: () => end(world, runId) };
  },
});

const stopOutside = (world: World, runId: string) => world.stopOutside(runId);

export const machineScenarios: readonly Scenario[] = [
  gate("of the first step", SHAPES.line, STATE_ONE),
  gate("of a later step", SHAPES.line, '"state":"two"'),
  gate("of a wait", SHAPES.waits, '"state":"Hours"'),
  gate("after a wait", SHAPES.waits, '"state":"two"'),
  gate("in a branch", SHAPES.branches, STATE_ONE),
  gate("of an approval", SHAPES.approval, '"state":"ask"'),
  gate("at the end", SHAPES.line, '"kind":"complete"'),
  gate("of a failure", SHAPES.fails, '"kind":"fail"'),
  gate("past the deadline", SHAPES.tooLate, '"state":"two"'),
  gate("of a paused run", SHAPES.busy, STATE_ONE, undefined, pauseRun),
  gate("of a held flow", SHAPES.busy, STATE_ONE, undefined, pauseFlow),
  gate("with a cost", SHAPES.costs, STATE_ONE),
  gate("that meets the spend cap", SHAPES.costs, '"state":"two"', cap(5)),
  onTheWay("park for a pause", "park", SHAPES.busy, STATE_ONE, undefined, pauseRun),
  onTheWay("park for a hold", "park", SHAPES.busy, STATE_ONE, undefined, pauseFlow),
  onTheWay("park in a branch", "park", SHAPES.branches, STATE_ONE, undefined, pauseRun),
  onTheWay("ask a person", "humanStep", SHAPES.approval, '"ask"'),
  ...["keep", "leave", "arrive", "variable", "input"].map((part) =>
    onTheWay(`hand over: ${part}`, "handOver", SHAPES.loops, `"part":"${part}"`),
  ),
  drain("the first batch", '"batches":0'),
  drain("a look at an empty queue", '"batches":1'),
  drain("the last batch", '"batches":2'),
  closed("completed", SHAPES.line),
  closed("failed", SHAPES.fails),
  closed("stopped from outside", SHAPES.busy, stopOutside, (world, flowId, runId) =>
    world.untilBusy(flowId, runId),
  ),
  closed("stopped while it was parked", SHAPES.busy, stopOutside, pauseRun),
  closed("stopped while it waited for a person", SHAPES.approval, stopOutside, (world, _flowId, runId) =>
    askedStep(world, runId),
  ),
  {
    name: "tell the bus",
    handler: "publishChanges",
    prepare: async (world) => {
      const flowId = await world.common(SHAPES.line);
      const { key, runId } = keyed(world, flowId);
      return {
        matches: (event) => event.includes(runId),
        // A batch of the stream may hold the changes of many.
        act: () => world.alone(() => world.run(flowId, key)),
      };
    },
  },
];
