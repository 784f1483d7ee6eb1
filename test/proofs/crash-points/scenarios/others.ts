import { functions } from "../../../../infra/functions.ts";
import { idempotentRunId } from "../../../../shared/model/ids.ts";
import type { JsonObject } from "../../../../shared/model/json/json.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

/** Runs of a flow on which each bulk action has something to do. */
const selected = async (world: World, action: string): Promise<string> => {
  if (action === "replay") {
    const flowId = await world.flow(SHAPES.line);
    for (const runId of [await world.run(flowId), await world.run(flowId)]) {
      await world.stack.admin.untilStatus(runId, "completed", 60);
    }
    return flowId;
  }
  const flowId = await world.flow(SHAPES.busy);
  for (const runId of [await world.run(flowId), await world.run(flowId)]) {
    await world.untilBusy(flowId, runId);
    if (action === "resume" || action === "delete") await world.must("POST", `/runs/${runId}/pause`, {});
  }
  if (action === "delete") world.deleted.add(flowId);
  return flowId;
};

const batch = (action: string): Scenario => ({
  name: `bulk ${action}`,
  handler: "bulkBatch",
  stages: action === "resume" ? 1 : 0,
  prepare: async (world) => {
    const flowId = await selected(world, action);
    const key = world.fresh();
    const bulkId = idempotentRunId("bulk", "demo", "user", "admin", key);
    return {
      matches: (event) => event.includes(bulkId),
      stages: action === "resume" ? [async () => undefined] : [],
      act: () => world.call("POST", "/bulk-operations", { action, filter: { flowId } }, key),
    };
  },
});

const starting = (name: string, ids: boolean): Scenario => ({
  name: `start a bulk operation ${name}`,
  handler: "bulk",
  route: "POST /bulk-operations",
  prepare: async (world) => {
    const flowId = await world.flow(SHAPES.busy);
    const runId = await world.run(flowId);
    const selection: JsonObject = ids ? { runIds: [runId] } : { filter: { flowId } };
    return {
      matches: (event) => event.includes("POST /v1") && event.includes(ids ? runId : flowId),
      act: () => world.call("POST", "/bulk-operations", { action: "cancel", ...selection }),
    };
  },
});

const stopping: Scenario = {
  name: "stop a bulk operation",
  handler: "bulk",
  route: "POST /bulk-operations/{bulkId}/stop",
  prepare: async (world) => {
    const flowId = await world.flow(SHAPES.busy);
    await world.run(flowId);
    // Its job cannot be started yet.
    world.crashes.lose(functions.bulk.name, flowId, "StartExecution");
    const body = { action: "cancel", filter: { flowId } };
    const { bulkId } = await world.must<{ bulkId: string } & JsonObject>("POST", "/bulk-operations", body);
    return {
      matches: (event) => event.includes(`/bulk-operations/${bulkId}/stop`),
      act: () => world.call("POST", `/bulk-operations/${bulkId}/stop`, {}),
    };
  },
};

const scheduled = (
  name: string,
  handler: "autoResume" | "warning",
  resumeIn: number,
  early: boolean,
): Scenario => ({
  name,
  handler,
  prepare: async (world) => {
    const resumeAt = new Date(world.stack.now() + resumeIn).toISOString();
    const flowId = await world.pausedFlow(SHAPES.line, { resumeAt });
    await world.run(flowId);
    const act = async () => {
      const { incarnation, holds } = await world.flowItem(flowId);
      const holdId = (holds as { manual: { id: string } }).manual.id;
      const event = { workspace: "demo", flowId, incarnation, kind: "manual", holdId, tries: 0 };
      await world.stack.invoke(functions[handler].name, event);
    };
    return { matches: (event) => event.includes(flowId), ...(early ? { act } : {}) };
  },
});

const HOUR = 3_600_000;

/** What administrators keep: one call, by a path of the workspace. */
const keeping = (
  name: string,
  route: string,
  body: JsonObject | undefined,
  before: (world: World, path: string) => Promise<unknown> = async () => undefined,
): Scenario => ({
  name,
  handler: "admin",
  route,
  prepare: async (world) => {
    const [method = "", template = ""] = route.split(" ");
    const name = world.fresh();
    const path = template.replace(/\{\w+\}/, name);
    await before(world, path);
    return {
      matches: (event) => event.includes(`"routeKey":"${method} `) && event.includes(`${path}"`),
      act: () => world.call(method, path, body),
      // Asked again, it is done, or done already.
      end: async () => {
        const { status } = await world.call(method, path, body);
        if (status >= 500) throw new Error(`${route} got ${status}`);
      },
    };
  },
});
const MEMBER = { role: "admin", permissions: ["a"] };
const VIEW = { name: "mine", filter: {}, shared: false };

const workspace: Scenario = {
  name: "make a workspace",
  handler: "admin",
  route: "PUT ",
  prepare: async (world) => {
    const name = world.fresh();
    const platform = await world.stack.as("platform");
    const put = async () => {
      const { status } = await platform.call("PUT", `/v1/workspaces/${name}`, { admins: ["admin"] });
      return status;
    };
    return {
      matches: (event) => event.includes(`/v1/workspaces/${name}"`),
      act: put,
      end: async () => {
        const status = await put();
        if (status >= 300) throw new Error(`The workspace cannot be made: ${status}`);
      },
    };
  },
};

export const otherScenarios: readonly Scenario[] = [
  ...["pause", "resume", "cancel", "delete", "replay"].map(batch),
  starting("by filter", false),
  starting("by ids", true),
  stopping,
  scheduled("a hold ends by its schedule", "autoResume", HOUR / 12, false),
  scheduled("a schedule that comes early", "autoResume", 2 * HOUR, true),
  scheduled("a warning", "warning", 48 * HOUR, true),
  workspace,
  keeping("change the settings", "PUT /settings", { ownersMayResume: true }),
  keeping("make a member", "PUT /members/{userId}", MEMBER),
  keeping("remove a member", "DELETE /members/{userId}", undefined, (world, path) =>
    world.must("PUT", path, MEMBER),
  ),
  keeping("save a view", "PUT /views/{viewId}", VIEW),
  keeping("delete a view", "DELETE /views/{viewId}", undefined, (world, path) =>
    world.must("PUT", path, VIEW),
  ),
];
