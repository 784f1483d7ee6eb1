import { randomUUID } from "node:crypto";
import { Client } from "../harness/clients/client.ts";
import type { Check } from "./checks-of-runs.ts";
import { holds, refusal, refused, same } from "./expectations.ts";
import { GREETING, threeSteps, WAITING } from "./flows.ts";

/** The API describes itself, and answers nobody without a token, or from another workspace. */
export const access: Check = async ({ client, api }) => {
  const health = await client.call("GET", "/healthz");
  same("GET /healthz", [health.status, health.body["status"]], [200, "ok"]);
  const description = await client.call("GET", "/v1/openapi.json");
  holds("the description is OpenAPI 3.1", String(description.body["openapi"]).startsWith("3.1."));
  for (const token of [undefined, "not-a-token"]) {
    const stranger = new Client(client.url, token, client.workspace);
    same(`A call with the token ${token}`, (await stranger.call("GET", "/flows")).status, 401);
  }
  const elsewhere = `/v1/workspaces/verify-${randomUUID().slice(0, 8)}/flows`;
  refusal("another workspace", await client.call("GET", elsewhere), { status: 404, code: "not_found" });
  await refused("a run that does not exist", api.getRun({ runId: randomUUID() }), {
    ...{ status: 404, code: "not_found" },
  });
};

/** Versions are published, rejected, kept as drafts and activated. */
export const publish: Check = async (premises) => {
  const { api, client } = premises;
  const flowId = await premises.publish("publish", GREETING);
  const same1 = await api.publishFlow({ flowId, body: { definition: GREETING } });
  same("The version of an identical definition", same1.version, 1);
  const draft = await api.publishFlow({ flowId, body: { definition: WAITING, activate: false } });
  same("The version of a draft", [draft.version, draft.flow.version], [2, 1]);
  const active = await api.activateVersion({ flowId, version: "2", ifMatch: "any" });
  same("The active version", active.version, 2);
  const broken = { StartAt: "Nowhere", States: { Somewhere: { Type: "Succeed" } } };
  const problem = await refused(
    "a broken definition",
    api.publishFlow({ flowId, body: { definition: broken } }),
    {
      ...{ status: 422, code: "invalid_definition" },
    },
  );
  holds("its problems are listed", (problem["errors"] as readonly unknown[]).length > 0);
  const unknown = await client.call("PUT", `/flows/${flowId}`, { definition: GREETING, colour: "red" });
  const { errors } = refusal("an unknown field", unknown, { status: 422, code: "invalid_request" });
  same("The path of the unknown field", (errors as { path: string }[])[0]?.path, "colour");
  const { items } = await api.listVersions({ flowId });
  same(
    "The versions",
    items.map(({ version }) => version),
    [2, 1],
  );
};

/** A paused flow stops its runs and queues its records; a resume lets both continue. */
export const hold: Check = async (premises) => {
  const { api, pace } = premises;
  const flowId = await premises.publish("hold", threeSteps(pace.stepSeconds));
  const under = await premises.dispatch(flowId, { order: 1 });
  await premises.until(under.runId, ({ currentStep }) => currentStep === "First");
  const paused = await api.pauseFlow({ flowId, ifMatch: "any", body: { reason: "verify" } });
  same("The status of a paused flow", [paused.status, paused.mode], ["paused", "queue"]);
  await refused("a second pause", api.pauseFlow({ flowId, ifMatch: "any", body: {} }), {
    ...{ status: 409, code: "action_not_allowed" },
  });
  const queued = await premises.dispatch(flowId, { order: 2 });
  same("Whether the record waits in the queue", [queued.status, queued.queued], ["pending", true]);
  const parked = await premises.until(under.runId, ({ parkedAt }) => parkedAt !== undefined);
  same("What paused the run", parked.pausedBy?.kind, "flow");
  await refused(
    "the resume of a run that its flow holds",
    api.resumeRun({ runId: under.runId, ifMatch: "any", body: {} }),
    {
      ...{ status: 409, code: "flow_held" },
    },
  );
  await api.resumeFlow({ flowId, ifMatch: "any", body: { drainRate: 50 } });
  await premises.untilStatus(under.runId, "completed");
  await premises.untilStatus(queued.runId, "completed");
  await api.pauseFlow({ flowId, ifMatch: "any", body: { mode: "reject" } });
  await refused("a record for a flow that rejects", premises.dispatch(flowId), {
    ...{ status: 409, code: "flow_held" },
  });
};

/** A flow that reaches its cap is held, and keeps its records. */
export const caps: Check = async (premises) => {
  const { api } = premises;
  const flowId = await premises.publish("caps", GREETING);
  await api.putCaps({ flowId, ifMatch: "any", body: { throughput: { limit: 1, per: "day" } } });
  const first = await premises.dispatch(flowId);
  const second = await premises.dispatch(flowId);
  same("Whether the record beyond the cap waits", [first.queued, second.queued], [false, true]);
  const flow = await api.getFlow({ flowId });
  same("The status of a capped flow", flow.status, "paused_safety");
  same(
    "Its holds",
    flow.holds.map(({ kind }) => kind),
    ["throughput"],
  );
  await api.putCaps({ flowId, ifMatch: "any", body: { throughput: null } });
  await api.resumeFlow({ flowId, ifMatch: "any", body: {} });
  await premises.untilStatus(second.runId, "completed");
};

/** A bulk operation acts on the runs that match, and reports each one. */
export const bulk: Check = async (premises) => {
  const { api } = premises;
  const flowId = await premises.publish("bulk", WAITING);
  const runs = await Promise.all([1, 2, 3].map((order) => premises.dispatch(flowId, { order })));
  for (const { runId } of runs) await premises.untilStatus(runId, "waiting");
  const body = { action: "cancel" as const, filter: { flowId, status: ["waiting" as const] } };
  await premises.eventually("Three waiting runs in a preview", async () => {
    const { matched } = await api.startBulkOperation({ body: { ...body, dryRun: true } });
    return matched === 3 ? true : undefined;
  });
  const { bulkId } = await api.startBulkOperation({ body: { ...body, reason: "verify" } });
  const ended = await premises.eventually("The end of a bulk operation", async () => {
    const found = await api.getBulkOperation({ bulkId });
    return found.endedAt === undefined ? undefined : found;
  });
  same("What the operation did", [ended.status, ended.succeeded, ended.failed], ["completed", 3, 0]);
  const { items } = await api.listBulkResults({ bulkId });
  same(
    "The runs in its results",
    items.map(({ runId }) => runId).sort(),
    runs.map(({ runId }) => runId).sort(),
  );
};
