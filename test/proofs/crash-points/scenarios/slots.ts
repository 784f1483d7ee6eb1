import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

const limit = (context: ScenarioContext, flowId: string, concurrency: { limit: number }) =>
  context.must("PUT", `/flows/${flowId}/caps`, { concurrency });

/** A flow with one slot, the run that holds it for half an hour, and one that waits for it. */
const taken = async (context: ScenarioContext) => {
  const flowId = await context.flow(SHAPES.busy);
  await limit(context, flowId, { limit: 1 });
  const holder = await context.run(flowId);
  await context.untilBusy(flowId, holder);
  return { flowId, holder, waiting: await context.run(flowId) };
};

/** A dispatch with a key, which a client without an answer repeats. */
const dispatching = (name: string, make: (context: ScenarioContext) => Promise<string>): Scenario => ({
  name: `dispatch for ${name}`,
  handler: "dispatch",
  route: "POST /flows/{flowId}/runs",
  prepare: async (context) => {
    const flowId = await make(context);
    const id = context.fresh();
    const key = `key ${id}`;
    const send = async () => {
      await context.dispatch(flowId, key, id);
    };
    return { matches: (event) => event.includes(id), act: send, end: send };
  },
});

/** An end of the run that holds the slot. `mark` selects the call. */
const ending = (
  name: string,
  handler: Scenario["handler"],
  {
    mark,
    act,
    route,
  }: {
    readonly mark: string;
    readonly act?: (context: ScenarioContext, runId: string) => Promise<unknown>;
    readonly route?: string;
  },
): Scenario => ({
  name: `pass on a slot after ${name}`,
  handler,
  ...(route === undefined ? {} : { route }),
  prepare: async (context) => {
    const { holder } = await taken(context);
    return {
      matches: (event) => event.includes(holder) && event.includes(mark),
      ...(act === undefined ? {} : { act: () => act(context, holder) }),
    };
  },
});

export const slotScenarios: readonly Scenario[] = [
  dispatching("a free slot", async (context) => {
    const flowId = await context.flow(SHAPES.line);
    await limit(context, flowId, { limit: 2 });
    return flowId;
  }),
  dispatching("a slot that is taken", async (context) => (await taken(context)).flowId),
  ending("a completion", "gate", { mark: '"kind":"complete"' }),
  ending("a cancel", "control", {
    mark: "cancel",
    route: "POST /runs/{runId}/cancel",
    act: (context, runId) => context.call("POST", `/runs/${runId}/cancel`, {}),
  }),
  ending("a stop from outside", "executionClosed", {
    mark: "ABORTED",
    act: (context, runId) => context.stopOutside(runId),
  }),
  {
    name: "set caps: remove a limit for which a run waits",
    handler: "holds",
    route: "PUT /flows/{flowId}/caps",
    prepare: async (context) => {
      const { flowId } = await taken(context);
      const matches = (event: string) => event.includes(flowId) && event.includes("null");
      const remove = () => context.call("PUT", `/flows/${flowId}/caps`, { concurrency: null });
      return { matches, act: remove, end: remove };
    },
  },
  {
    name: "set caps: a first limit while a run is under way",
    handler: "holds",
    route: "PUT /flows/{flowId}/caps",
    prepare: async (context) => {
      const flowId = await context.flow(SHAPES.busy);
      await context.untilBusy(flowId, await context.run(flowId));
      const set = () => context.call("PUT", `/flows/${flowId}/caps`, { concurrency: { limit: 1 } });
      return {
        matches: (event) => event.includes(flowId) && event.includes("concurrency"),
        act: set,
        end: set,
      };
    },
  },
  {
    name: "drain: a raised limit",
    handler: "drain",
    prepare: async (context) => {
      const { flowId } = await taken(context);
      return {
        matches: (event) => event.includes(flowId) && event.includes('"batches":0'),
        act: () => limit(context, flowId, { limit: 3 }),
      };
    },
  },
  {
    name: "drain: records of a hold for slots that are taken",
    handler: "drain",
    stages: 1,
    prepare: async (context) => {
      const { flowId } = await taken(context);
      await context.must("POST", `/flows/${flowId}/pause`, {});
      await context.run(flowId);
      return {
        matches: (event) => event.includes(flowId),
        stages: [async () => undefined],
        act: () => context.call("POST", `/flows/${flowId}/resume`, {}),
      };
    },
  },
];
