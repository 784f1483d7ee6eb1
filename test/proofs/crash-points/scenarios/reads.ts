import { type Route, routes } from "../../../../infra/routes.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

const WORKSPACE = "/v1/workspaces/{workspace}";

/** Every read, of a workspace in which something has happened: it may fail anywhere, and leaves everything as it is. */
const reading = (route: Route): Scenario => ({
  name: `GET ${shortPath(route)}`,
  handler: route.function,
  route: `GET ${shortPath(route)}`,
  prepare: async (world) => {
    const ids = await readable(world);
    const path = shortPath(route).replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "");
    const token = world.fresh();
    return {
      matches: (event) => event.includes(token),
      act: () => world.stack.admin.call("GET", path, undefined, { "x-token": token }),
    };
  },
});

/** What path parameters stand for; made once a world. */
const readable = (world: World): Promise<Record<string, string>> => {
  const known = made.get(world) ?? make(world);
  made.set(world, known);
  return known;
};
const made = new WeakMap<World, Promise<Record<string, string>>>();

const make = async (world: World): Promise<Record<string, string>> => {
  const flowId = await world.flow(SHAPES.line);
  const runId = await world.run(flowId);
  await world.stack.admin.untilStatus(runId, "completed", 60);
  const { items } = await world.must<{ items: { stepId: string }[] }>("GET", `/runs/${runId}/steps`);
  const body = { action: "cancel", filter: { flowId } };
  const { bulkId } = await world.must<{ bulkId: string }>("POST", "/bulk-operations", body);
  await world.must("PUT", `/views/view-${flowId}`, { name: "mine", filter: {}, shared: false });
  return {
    ...{ workspace: "demo", flowId, runId, bulkId, version: "1", userId: "admin" },
    ...{ stepId: items[0]?.stepId ?? "", viewId: `view-${flowId}` },
  };
};

/** In the workspace, as the scenarios name routes. */
export const shortPath = ({ path }: Pick<Route, "path">): string =>
  path.startsWith(WORKSPACE) ? path.slice(WORKSPACE.length) : path;

export const readScenarios: readonly Scenario[] = routes
  .filter(({ method, auth }) => method === "GET" && auth)
  .map(reading);
