import { type Route, routes } from "../../../../infra/routes.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { TRIGGER } from "./intake.ts";

const WORKSPACE = "/v1/workspaces/{workspace}";

/** A read of a workspace that has data. It may fail anywhere and changes nothing. */
const reading = (route: Route): Scenario => ({
  name: `GET ${shortPath(route)}`,
  handler: route.function,
  route: `GET ${shortPath(route)}`,
  prepare: async (context) => {
    const ids = await readable(context);
    const path = shortPath(route).replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "");
    const token = context.fresh();
    return {
      matches: (event) => event.includes(token),
      act: () => context.environment.admin.call("GET", path, undefined, { "x-token": token }),
    };
  },
});

/** Values of the path parameters, created once per context. */
const readable = (context: ScenarioContext): Promise<Record<string, string>> => {
  const known = made.get(context) ?? make(context);
  made.set(context, known);
  return known;
};
const made = new WeakMap<ScenarioContext, Promise<Record<string, string>>>();

const make = async (context: ScenarioContext): Promise<Record<string, string>> => {
  const flowId = await context.flow(SHAPES.line);
  const runId = await context.run(flowId);
  await context.environment.admin.untilStatus(runId, "completed", 60);
  const { items } = await context.must<{ items: { stepId: string }[] }>("GET", `/runs/${runId}/steps`);
  const body = { action: "cancel", filter: { flowId } };
  const { bulkId } = await context.must<{ bulkId: string }>("POST", "/bulk-operations", body);
  await context.must("PUT", `/flows/${flowId}/triggers/nightly`, TRIGGER);
  const opened = { title: "It is over", flows: [flowId] };
  const { incidentId } = await context.must<{ incidentId: string }>("POST", "/incidents", opened);
  await context.must("POST", `/incidents/${incidentId}/resolve`, {});
  await context.must("PUT", `/views/view-${flowId}`, { name: "mine", filter: {}, shared: false });
  return {
    ...{ workspace: "demo", flowId, runId, bulkId, incidentId, version: "1", userId: "admin" },
    ...{ stepId: items[0]?.stepId ?? "", viewId: `view-${flowId}`, triggerId: "nightly" },
  };
};

/** The path inside the workspace. */
export const shortPath = ({ path }: Pick<Route, "path">): string =>
  path.startsWith(WORKSPACE) ? path.slice(WORKSPACE.length) : path;

export const readScenarios: readonly Scenario[] = routes
  .filter(({ method, auth }) => method === "GET" && auth)
  .map(reading);
