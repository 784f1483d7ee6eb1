import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import type { Answer } from "../../../support/client.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

/** A request about a flow. */
const about = (
  name: string,
  handler: Scenario["handler"],
  route: string,
  make: (world: World) => Promise<string>,
  body: JsonObject | undefined,
  check?: (flow: Flow) => boolean,
): Scenario => ({
  name,
  handler,
  route,
  stages: 1,
  prepare: async (world) => {
    const flowId = await make(world);
    const [method = "", template = ""] = route.split(" ");
    const path = template.replace("{flowId}", flowId).replace("{version}", "1");
    return {
      matches: (event) => event.includes(`"routeKey":"${method} `) && event.includes(`${path}"`),
      stages: [async () => undefined],
      act: () => world.call(method, path, body),
      standing: async (told) => {
        if (check === undefined || (told as Answer).status !== 200) return [];
        const flow = await world.must<Flow>("GET", `/flows/${flowId}`);
        return check(flow) ? [] : [`${flowId} is not as its caller was told: ${flow.status}`];
      },
    };
  },
});

/** Two records parked for the flow and two in its queue. */
const busyAndHeld = async (world: World): Promise<string> => {
  const flowId = await world.flow(SHAPES.busy);
  for (const runId of [await world.run(flowId), await world.run(flowId)]) {
    await world.untilBusy(flowId, runId);
  }
  await world.must("POST", `/flows/${flowId}/pause`, {});
  await world.run(flowId);
  await world.run(flowId);
  return flowId;
};
const heldBySpend = async (world: World): Promise<string> => {
  const flowId = await world.flow(SHAPES.costs);
  await world.must("PUT", `/flows/${flowId}/caps`, { spend: { limit: 5, period: "month" } });
  const runId = await world.run(flowId);
  await world.stack.admin.untilStatus(runId, "paused", 60);
  return flowId;
};
const withVersions = async (world: World): Promise<string> => {
  const flowId = await world.flow(SHAPES.line);
  await world.publish(flowId, SHAPES.line, "2");
  return flowId;
};
const emptied = async (world: World): Promise<string> => {
  const flowId = await world.flow(SHAPES.line);
  world.deleted.add(flowId);
  const runId = await world.run(flowId);
  await world.stack.admin.untilStatus(runId, "completed", 60);
  await world.must("POST", `/flows/${flowId}/pause`, {});
  return flowId;
};
const draft = async (world: World): Promise<string> => {
  const flowId = world.fresh();
  world.flows.set(flowId, SHAPES.line);
  return flowId;
};
const text = (version: string): JsonObject => ({
  definition: { Comment: version, ...SHAPES.line.definition },
});

export const flowScenarios: readonly Scenario[] = [
  about("publish a flow", "publish", "PUT /flows/{flowId}", draft, text("1")),
  about("publish a version", "publish", "PUT /flows/{flowId}", (world) => world.flow(SHAPES.line), text("2")),
  about(
    "activate a version",
    "publish",
    "POST /flows/{flowId}/versions/{version}/activate",
    withVersions,
    {},
  ),
  about("delete a flow", "publish", "DELETE /flows/{flowId}", emptied, undefined),
  about("pause a flow", "holds", "POST /flows/{flowId}/pause", (world) => world.flow(SHAPES.line), {}, held),
  about("resume a flow", "holds", "POST /flows/{flowId}/resume", busyAndHeld, {}, open),
  about("set caps", "holds", "PUT /flows/{flowId}/caps", (world) => world.flow(SHAPES.line), {
    throughput: { limit: 9, per: "day" },
  }),
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
