import type { JsonObject } from "../../../../shared/model/json/json.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

const dispatching = (name: string, make: (world: World) => Promise<string>, keyed = false): Scenario => ({
  name: `dispatch ${name}`,
  handler: "dispatch",
  route: "POST /flows/{flowId}/runs",
  prepare: async (world) => {
    const flowId = await make(world);
    const id = world.fresh();
    const key = keyed ? `key ${id}` : undefined;
    return {
      matches: (event) => event.includes(`/flows/${flowId}/runs"`) && event.includes(id),
      act: async () => {
        await world.dispatch(flowId, key, id);
      },
      // A client that was told nothing asks again with its key, and gets the same run.
      ...(key === undefined ? {} : { end: () => again(world, flowId, key, id) }),
    };
  },
});

const again = async (world: World, flowId: string, key: string, id: string): Promise<void> => {
  await world.dispatch(flowId, key, id);
};

const capped = async (world: World): Promise<string> => {
  const flowId = await world.flow(SHAPES.line);
  await world.must("PUT", `/flows/${flowId}/caps`, { throughput: { limit: 1, per: "day" } });
  await world.run(flowId);
  return flowId;
};

const batch = (name: string, make: (world: World) => Promise<string>): Scenario => ({
  name: `dispatch a batch ${name}`,
  handler: "dispatch",
  route: "POST /flows/{flowId}/runs/batch",
  prepare: async (world) => {
    const flowId = await make(world);
    const ids = [world.fresh(), world.fresh()];
    return {
      matches: (event) => ids.every((id) => event.includes(id)),
      act: async () => {
        const records = ids.map((id, at) => ({ payload: { id }, idempotencyKey: `key ${id} ${at}` }));
        const answer = await world.call<{ results?: { status: number }[] } & JsonObject>(
          "POST",
          `/flows/${flowId}/runs/batch`,
          { records },
        );
        for (const [at, id] of ids.entries()) {
          world.note(flowId, id, answer.body.results?.[at]?.status === 202);
        }
      },
    };
  },
});

export const dispatchScenarios: readonly Scenario[] = [
  dispatching("plain", (world) => world.common(SHAPES.line)),
  dispatching("with a key", (world) => world.common(SHAPES.line), true),
  dispatching("behind a hold", (world) => world.pausedFlow(SHAPES.line)),
  dispatching("behind a hold, with a key", (world) => world.pausedFlow(SHAPES.line), true),
  dispatching("that meets the throughput cap", capped),
  batch("plain", (world) => world.common(SHAPES.line)),
  batch("behind a hold", (world) => world.pausedFlow(SHAPES.line)),
];
