import { functions } from "../../../../infra/functions.ts";
import { idempotentRunId } from "../../../../shared/model/ids.ts";
import type { JsonObject } from "../../../../shared/model/json/json.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Runs of a flow to which the bulk action applies. */
const selected = async (context: ScenarioContext, action: string): Promise<string> => {
  if (action === "replay") {
    const flowId = await context.flow(SHAPES.line);
    for (const runId of [await context.run(flowId), await context.run(flowId)]) {
      await context.environment.admin.untilStatus(runId, "completed", 60);
    }
    return flowId;
  }
  const flowId = await context.flow(SHAPES.busy);
  for (const runId of [await context.run(flowId), await context.run(flowId)]) {
    await context.untilBusy(flowId, runId);
    if (action === "resume" || action === "delete") await context.must("POST", `/runs/${runId}/pause`, {});
  }
  if (action === "delete") context.deleted.add(flowId);
  return flowId;
};

const batch = (action: string, options: JsonObject = {}): Scenario => ({
  name: ["bulk", action, ...Object.values(options)].join(" "),
  handler: "bulkBatch",
  stages: action === "resume" ? 1 : 0,
  prepare: async (context) => {
    const flowId = await selected(context, action);
    const key = context.fresh();
    const bulkId = idempotentRunId("bulk", "demo", "user", "admin", key);
    return {
      matches: (event) => event.includes(bulkId),
      stages: action === "resume" ? [async () => undefined] : [],
      act: () => context.call("POST", "/bulk-operations", { action, filter: { flowId }, ...options }, key),
    };
  },
});

const starting = (name: string, ids: boolean): Scenario => ({
  name: `start a bulk operation ${name}`,
  handler: "bulk",
  route: "POST /bulk-operations",
  prepare: async (context) => {
    const flowId = await context.flow(SHAPES.busy);
    const runId = await context.run(flowId);
    const selection: JsonObject = ids ? { runIds: [runId] } : { filter: { flowId } };
    return {
      matches: (event) => event.includes("POST /v1") && event.includes(ids ? runId : flowId),
      act: () => context.call("POST", "/bulk-operations", { action: "cancel", ...selection }),
    };
  },
});

const stopping: Scenario = {
  name: "stop a bulk operation",
  handler: "bulk",
  route: "POST /bulk-operations/{bulkId}/stop",
  prepare: async (context) => {
    const flowId = await context.flow(SHAPES.busy);
    await context.run(flowId);
    // The job of the operation is not started.
    context.crashes.lose(functions.bulk.name, flowId, "StartExecution");
    const body = { action: "cancel", filter: { flowId } };
    const { bulkId } = await context.must<{ bulkId: string } & JsonObject>("POST", "/bulk-operations", body);
    return {
      matches: (event) => event.includes(`/bulk-operations/${bulkId}/stop`),
      act: () => context.call("POST", `/bulk-operations/${bulkId}/stop`, {}),
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
  prepare: async (context) => {
    const resumeAt = new Date(context.environment.now() + resumeIn).toISOString();
    const flowId = await context.pausedFlow(SHAPES.line, { resumeAt });
    await context.run(flowId);
    const act = async () => {
      const { incarnation, holds } = (await context.environment.ledger.flowItem(flowId)) ?? {};
      const holdId = (holds as { manual: { id: string } }).manual.id;
      const event = { workspace: "demo", flowId, incarnation, kind: "manual", holdId, tries: 0 };
      await context.environment.invoke(functions[handler].name, event);
    };
    return { matches: (event) => event.includes(flowId), ...(early ? { act } : {}) };
  },
});

const HOUR = 3_600_000;

/** The schedule of a planned pause. With `early`, its event also comes before the time. */
const beginning = (name: string, startIn: number, early: boolean, more: JsonObject = {}): Scenario => ({
  name,
  handler: "autoResume",
  prepare: async (context) => {
    const startAt = new Date(context.environment.now() + startIn).toISOString();
    const flowId = await context.pausedFlow(SHAPES.line, { startAt, ...more });
    const act = async () => {
      const { incarnation, scheduledPause } = (await context.environment.ledger.flowItem(flowId)) ?? {};
      const holdId = (scheduledPause as { id: string }).id;
      const event = {
        workspace: "demo",
        flowId,
        incarnation,
        kind: "manual",
        holdId,
        tries: 0,
        begins: true,
      };
      await context.environment.invoke(functions.autoResume.name, event);
    };
    return { matches: (event) => event.includes(flowId), ...(early ? { act } : {}) };
  },
});

/** A call that changes something in the workspace. */
const administering = (
  name: string,
  route: string,
  body: JsonObject | undefined,
  before: (context: ScenarioContext, path: string) => Promise<unknown> = async () => undefined,
): Scenario => ({
  name,
  handler: "admin",
  route,
  prepare: async (context) => {
    const [method = "", template = ""] = route.split(" ");
    const name = context.fresh();
    const path = template.replace(/\{\w+\}/, name);
    await before(context, path);
    return {
      matches: (event) => event.includes(`"routeKey":"${method} `) && event.includes(`${path}"`),
      act: () => context.call(method, path, body),
      // A retry succeeds, or finds it done.
      end: async () => {
        const { status } = await context.call(method, path, body);
        if (status >= 500) throw new Error(`${route} got ${status}`);
      },
    };
  },
});
const MEMBER = { role: "admin", permissions: ["a"] };
const VIEW = { name: "mine", filter: {}, shared: false };

const workspace: Scenario = {
  name: "create a workspace",
  handler: "admin",
  route: "PUT ",
  prepare: async (context) => {
    const name = context.fresh();
    const platform = await context.environment.as("platform");
    const put = async () => {
      const { status } = await platform.call("PUT", `/v1/workspaces/${name}`, { admins: ["admin"] });
      return status;
    };
    return {
      matches: (event) => event.includes(`/v1/workspaces/${name}"`),
      act: put,
      end: async () => {
        const status = await put();
        if (status >= 300) throw new Error(`The workspace cannot be created: ${status}`);
      },
    };
  },
};

export const otherScenarios: readonly Scenario[] = [
  ...["pause", "resume", "cancel", "delete", "replay"].map((action) => batch(action)),
  batch("resume", { version: "same" }),
  batch("replay", { from: "two" }),
  starting("by filter", false),
  starting("by ids", true),
  stopping,
  scheduled("a hold ends by its schedule", "autoResume", HOUR / 12, false),
  scheduled("a schedule that comes early", "autoResume", 2 * HOUR, true),
  beginning("a planned pause begins by its schedule", HOUR / 12, false),
  beginning("a planned hold on a step begins by its schedule", HOUR / 12, false, { steps: ["two"] }),
  beginning("the schedule of a planned pause that comes early", 2 * HOUR, true),
  scheduled("a warning", "warning", 48 * HOUR, true),
  workspace,
  administering("change the settings", "PUT /settings", { ownersMayResume: true }),
  administering("create a member", "PUT /members/{userId}", MEMBER),
  administering("remove a member", "DELETE /members/{userId}", undefined, (context, path) =>
    context.must("PUT", path, MEMBER),
  ),
  administering("save a view", "PUT /views/{viewId}", VIEW),
  administering("delete a view", "DELETE /views/{viewId}", undefined, (context, path) =>
    context.must("PUT", path, VIEW),
  ),
];
