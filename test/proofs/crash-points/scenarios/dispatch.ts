import type { JsonObject } from "../../../../shared/model/json/json.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

const dispatching = (
  name: string,
  make: (context: ScenarioContext) => Promise<string>,
  keyed = false,
): Scenario => ({
  name: `dispatch ${name}`,
  handler: "dispatch",
  route: "POST /flows/{flowId}/runs",
  prepare: async (context) => {
    const flowId = await make(context);
    const id = context.fresh();
    const key = keyed ? `key ${id}` : undefined;
    return {
      matches: (event) => event.includes(`/flows/${flowId}/runs"`) && event.includes(id),
      act: async () => {
        await context.dispatch(flowId, key, id);
      },
      // A client without an answer retries with its key and gets the same run.
      ...(key === undefined ? {} : { end: () => again(context, flowId, key, id) }),
    };
  },
});

const again = async (context: ScenarioContext, flowId: string, key: string, id: string): Promise<void> => {
  await context.dispatch(flowId, key, id);
};

const capped = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.line);
  await context.must("PUT", `/flows/${flowId}/caps`, { throughput: { limit: 1, per: "day" } });
  await context.run(flowId);
  return flowId;
};

const batch = (name: string, make: (context: ScenarioContext) => Promise<string>): Scenario => ({
  name: `dispatch a batch ${name}`,
  handler: "dispatch",
  route: "POST /flows/{flowId}/runs/batch",
  prepare: async (context) => {
    const flowId = await make(context);
    const ids = [context.fresh(), context.fresh()];
    return {
      matches: (event) => ids.every((id) => event.includes(id)),
      act: async () => {
        const records = ids.map((id, at) => ({ payload: { id }, idempotencyKey: `key ${id} ${at}` }));
        const answer = await context.call<{ results?: { status: number }[] } & JsonObject>(
          "POST",
          `/flows/${flowId}/runs/batch`,
          { records },
        );
        for (const [at, id] of ids.entries()) {
          context.note(flowId, id, answer.body.results?.[at]?.status === 202);
        }
      },
    };
  },
});

export const dispatchScenarios: readonly Scenario[] = [
  dispatching("plain", (context) => context.common(SHAPES.line)),
  dispatching("with a key", (context) => context.common(SHAPES.line), true),
  dispatching("behind a hold", (context) => context.pausedFlow(SHAPES.line)),
  dispatching("behind a hold, with a key", (context) => context.pausedFlow(SHAPES.line), true),
  dispatching("that meets the throughput cap", capped),
  batch("plain", (context) => context.common(SHAPES.line)),
  batch("behind a hold", (context) => context.pausedFlow(SHAPES.line)),
];
