import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import type { Answer } from "../../../harness/clients/client.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { TRIGGER, triggered } from "./intake.ts";

/** A request about a flow. `check`: whether the flow is right after a 200. */
const about = (
  name: string,
  handler: Scenario["handler"],
  route: string,
  make: (context: ScenarioContext) => Promise<string>,
  body: JsonObject | undefined | ((context: ScenarioContext) => JsonObject),
  check?: (flow: Flow) => boolean,
): Scenario => ({
  name,
  handler,
  route,
  stages: 1,
  prepare: async (context) => {
    const flowId = await make(context);
    const [method = "", template = ""] = route.split(" ");
    const path = template
      .replace("{flowId}", flowId)
      .replace("{version}", "1")
      .replace("{triggerId}", "nightly");
    return {
      matches: (event) => event.includes(`"routeKey":"${method} `) && event.includes(`${path}"`),
      stages: [async () => undefined],
      act: () => context.call(method, path, typeof body === "function" ? body(context) : body),
      check: async (answer) => {
        if (check === undefined || (answer as Answer).status !== 200) return [];
        const flow = await context.must<Flow>("GET", `/flows/${flowId}`);
        return check(flow) ? [] : [`${flowId} is ${flow.status}, although its caller got a 200`];
      },
    };
  },
});

/** A held flow with two runs that will park and two queued records. */
const busyAndHeld = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.busy);
  for (const runId of [await context.run(flowId), await context.run(flowId)]) {
    await context.untilBusy(flowId, runId);
  }
  await context.must("POST", `/flows/${flowId}/pause`, {});
  await context.run(flowId);
  await context.run(flowId);
  return flowId;
};
const draining = async (context: ScenarioContext): Promise<string> => {
  const flowId = await busyAndHeld(context);
  await context.must("POST", `/flows/${flowId}/resume`, { drainRate: 1 });
  return flowId;
};
const standingAtTwo = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.line);
  await context.must("POST", `/flows/${flowId}/pause`, { steps: ["two"] });
  const runId = await context.run(flowId);
  await context.environment.admin.untilStatus(runId, "paused", 60);
  return flowId;
};
const heldBySpend = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.costs);
  await context.must("PUT", `/flows/${flowId}/caps`, { spend: { limit: 5, period: "month" } });
  const runId = await context.run(flowId);
  await context.environment.admin.untilStatus(runId, "paused", 60);
  return flowId;
};
const HOUR = 3_600_000;
const startingIn = ({ environment }: ScenarioContext, ahead: number): JsonObject => ({
  startAt: new Date(environment.now() + ahead).toISOString(),
});
/** A flow with a planned pause, which begins long after the crash and its repair. */
const planned = (context: ScenarioContext): Promise<string> =>
  context.pausedFlow(SHAPES.line, startingIn(context, 9 * HOUR));
const withVersions = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.line);
  await context.publish(flowId, SHAPES.line, "2");
  return flowId;
};
const emptied = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.line);
  context.deleted.add(flowId);
  const runId = await context.run(flowId);
  await context.environment.admin.untilStatus(runId, "completed", 60);
  await context.must("POST", `/flows/${flowId}/pause`, {});
  return flowId;
};
const draft = async (context: ScenarioContext): Promise<string> => {
  const flowId = context.fresh();
  context.flows.set(flowId, SHAPES.line);
  return flowId;
};
const emptiedWithTrigger = async (context: ScenarioContext): Promise<string> => {
  const flowId = await triggered(context);
  context.deleted.add(flowId);
  return flowId;
};
const text = (version: string): JsonObject => ({
  definition: { Comment: version, ...SHAPES.line.definition },
});

export const flowScenarios: readonly Scenario[] = [
  about("publish a flow", "publish", "PUT /flows/{flowId}", draft, text("1")),
  about(
    "publish a version",
    "publish",
    "PUT /flows/{flowId}",
    (context) => context.flow(SHAPES.line),
    text("2"),
  ),
  about(
    "activate a version",
    "publish",
    "POST /flows/{flowId}/versions/{version}/activate",
    withVersions,
    {},
  ),
  about("delete a flow", "publish", "DELETE /flows/{flowId}", emptied, undefined),
  about("delete a flow with a trigger", "publish", "DELETE /flows/{flowId}", emptiedWithTrigger, undefined),
  about(
    "pause a flow",
    "holds",
    "POST /flows/{flowId}/pause",
    (context) => context.flow(SHAPES.line),
    {},
    held,
  ),
  about(
    "pause a flow that drains, and let runs finish",
    "holds",
    "POST /flows/{flowId}/pause",
    async (context) => {
      const flowId = await busyAndHeld(context);
      await context.must("POST", `/flows/${flowId}/resume`, { drainRate: 1 });
      return flowId;
    },
    { mode: "finish", finishWithin: "PT3H" },
    held,
  ),
  about(
    "plan a pause",
    "holds",
    "POST /flows/{flowId}/pause",
    planned,
    (context) => startingIn(context, 10 * HOUR),
    ({ scheduledPause }) => scheduledPause !== undefined,
  ),
  about("cancel a planned pause", "holds", "DELETE /flows/{flowId}/scheduled-pause", planned, undefined),
  about(
    "hold a step beside a drain",
    "holds",
    "POST /flows/{flowId}/pause",
    draining,
    { steps: ["two"] },
    ({ partlyHeld }) => partlyHeld === true,
  ),
  about(
    "lift a hold on a step",
    "holds",
    "POST /flows/{flowId}/resume",
    standingAtTwo,
    {},
    ({ partlyHeld }) => partlyHeld === undefined,
  ),
  about("resume a flow", "holds", "POST /flows/{flowId}/resume", busyAndHeld, {}, open),
  about("resume a flow with a canary", "holds", "POST /flows/{flowId}/resume", busyAndHeld, { canary: 2 }),
  about(
    "resume a flow slowly",
    "holds",
    "POST /flows/{flowId}/resume",
    busyAndHeld,
    { ramp: { from: 2 } },
    open,
  ),
  about("set caps", "holds", "PUT /flows/{flowId}/caps", (context) => context.flow(SHAPES.line), {
    throughput: { limit: 9, per: "day" },
  }),
  about(
    "put a first trigger",
    "holds",
    "PUT /flows/{flowId}/triggers/{triggerId}",
    (context) => context.flow(SHAPES.line),
    TRIGGER,
  ),
  about("put a trigger", "holds", "PUT /flows/{flowId}/triggers/{triggerId}", triggered, TRIGGER),
  about("delete a trigger", "holds", "DELETE /flows/{flowId}/triggers/{triggerId}", triggered, undefined),
  about(
    "hold failures",
    "attach",
    "PUT /flows/{flowId}/settings",
    (context) => context.flow(SHAPES.line),
    { onFailure: "pause" },
    ({ onFailure }) => onFailure === "pause",
  ),
  about(
    "raise the spend cap of a held flow",
    "holds",
    "PUT /flows/{flowId}/caps",
    heldBySpend,
    { spend: { limit: 100, period: "month" } },
    open,
  ),
];

function held({ status }: Flow): boolean {
  return status !== "active";
}
function open({ status }: Flow): boolean {
  return status === "active";
}
