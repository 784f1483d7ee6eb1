import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { allItems, leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("a deleted flow", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  beforeAll(async () => {
    // The failures are injected, so what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    stack = await testStack("one", "two", "bad");
    seen = new HoldObserver(stack.url);
    stack.functions.fail("bad", "OutOfStock");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    seen.close();
    await stack.close();
  });

  const states = async (operation: string, body: unknown = {}) => {
    const response = await fetch(`${stack.url}/aws/states`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AWSStepFunctions.${operation}`,
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { stateMachines: { name: string }[] };
  };
  const machines = async (incarnation: string): Promise<string[]> =>
    (await states("ListStateMachines")).stateMachines
      .map(({ name }) => name)
      .filter((name) => name.includes(incarnation));
  /** Items of the flow itself: its runs are not part of it. */
  const itemsOf = async (flowId: string, incarnation: string) =>
    (await allItems(stack.url)).filter(
      ({ PK, SK }) =>
        !/#R#/.test(String(PK)) &&
        (`${PK} ${SK}`.includes(`#${flowId}`) || `${PK} ${SK}`.includes(incarnation)),
    );
  const remove = (flowId: string) => stack.admin.call("DELETE", `/flows/${flowId}`);

  it("is refused while runs are open, with their counts and a filter, and later leaves nothing", async () => {
    const flowId = "orders";
    const published = chain({ one: task("one"), Doze: { Type: "Wait", Seconds: 864_000 }, two: task("two") });
    await stack.admin.publish(flowId, tasks("one", "bad"));
    const flow = new FlowClient(stack.operator, flowId);
    const failed = await flow.dispatch({});
    await stack.operator.untilStatus(failed.runId, "failed");
    await stack.admin.expect([202], "POST", `/runs/${failed.runId}/replay`, { from: "failed-step" });
    await flow.untilCensus({ failed: 2 });
    const text = JSON.stringify(tasks("one", "two"));
    await stack.admin.expect([200], "PUT", `/flows/${flowId}`, { definition: text });
    const completed = await flow.dispatch({ done: true });
    await stack.operator.untilStatus(completed.runId, "completed");
    await stack.admin.publish(flowId, published);
    const waiting = await flow.dispatch({});
    await stack.operator.untilStatus(waiting.runId, "waiting");
    await flow.pause();
    await flow.caps({ throughput: { limit: 1, per: "day" } });
    await flow.dispatchAll([{}, {}]);
    const { incarnation } = await seen.flowItem(flowId);
    expect((await machines(incarnation)).length).toBe(2);

    const refused = await remove(flowId);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: "flow_has_open_runs",
      counts: { pending: 2, waiting: 1, failed: 2 },
      filter: { flowId, status: ["pending", "waiting", "failed"] },
      detail: expect.stringContaining("2 pending, 1 waiting, 2 failed"),
    });
    const { status, ...rest } = refused.body["filter"] as { flowId: string; status: string[] };
    const found = await stack.admin.expect<{ items: Run[] }>(
      [200],
      "GET",
      `/runs?flowId=${rest.flowId}&status=${status.join()}`,
    );
    expect(found.items).toHaveLength(5);
    expect((await flow.dispatch({ still: "open" })).queued).toBe(true);
    for (const run of await flow.runs()) {
      if (["pending", "waiting"].includes(run.status)) await stack.operator.act(run.runId, "cancel");
      if (run.status === "failed")
        expect((await stack.admin.call("DELETE", `/runs/${run.runId}`)).status).toBe(204);
    }
    expect((await seen.schedules()).length).toBeGreaterThan(0);
    expect((await remove(flowId)).status).toBe(204);
    expect((await remove(flowId)).status).toBe(404);
    expect(await machines(incarnation)).toEqual([]);
    expect([...(await seen.schedules()), ...(await seen.schedules("warn-"))]).toEqual([]);
    // Only the intent to look once more for items of late writers is left.
    expect((await itemsOf(flowId, incarnation)).map(({ SK }) => SK)).toEqual([
      `DELETION#${flowId}#${incarnation}`,
    ]);
    await stack.admin.advance("PT3M");
    expect(await itemsOf(flowId, incarnation)).toEqual([]);
    for (const path of ["", "/steps", "/audit"]) {
      expect((await stack.operator.call("GET", `/runs/${completed.runId}${path}`)).status).toBe(200);
    }
    expect((await stack.operator.run(completed.runId)).output).toMatchObject({ done: true });
    await stack.admin.advance("P91D");
    expect((await stack.operator.call("GET", `/runs/${completed.runId}`)).status).toBe(404);
    expect(JSON.stringify(await allItems(stack.url))).not.toContain(flowId);
  });

  const OPERATIONS = [
    ["dynamodb", "TransactWriteItems"],
    ["dynamodb", "UpdateItem"],
    ["dynamodb", "Query"],
    ["dynamodb", "BatchWriteItem"],
    ["scheduler", "DeleteSchedule"],
    ["states", "DeleteStateMachine"],
  ] as const;
  it("is removed by the sweeper if its deletion died or never began", async () => {
    const flows: { flowId: string; incarnation: string; answer: number }[] = [];
    for (const [service, operation] of OPERATIONS) {
      for (const when of ["before", "after"]) {
        const flowId = `died-${when}-${operation.toLowerCase()}`;
        await stack.admin.publish(flowId, tasks("one"));
        await new FlowClient(stack.operator, flowId).pause();
        const { incarnation } = await seen.flowItem(flowId);
        await stack.admin.expect([200], "POST", "/local/faults", { service, operation, when });
        const { status } = await remove(flowId);
        await stack.admin.expect([200], "DELETE", "/local/faults");
        flows.push({ flowId, incarnation, answer: status });
      }
    }
    expect(new Set(flows.map(({ answer }) => answer))).toEqual(new Set([204, 503]));
    await stack.admin.advance("PT10M");
    for (const { flowId, incarnation, answer } of flows) {
      const left = await stack.operator.call("GET", `/flows/${flowId}`);
      if (left.status === 200) {
        // The deletion never began: the flow is unchanged.
        expect([answer, left.body["status"]]).toEqual([503, "paused"]);
        expect((await remove(flowId)).status).toBe(204);
        await stack.admin.advance("PT3M");
      }
      expect(await machines(incarnation)).toEqual([]);
      expect(await itemsOf(flowId, incarnation)).toEqual([]);
    }
  });

  it("leaves no record that was dispatched or replayed concurrently", async () => {
    for (const held of [false, true]) {
      const flowId = held ? "rivals-held" : "rivals";
      await stack.admin.publish(flowId, tasks("one", "two"));
      const flow = new FlowClient(stack.operator, flowId);
      const { runId } = await flow.dispatch({});
      await stack.operator.untilStatus(runId, "completed");
      if (held) await flow.pause();
      const dispatch = () => stack.operator.call<Run>("POST", `/flows/${flowId}/runs`, { payload: {} });
      const replay = () => stack.operator.call<Run>("POST", `/runs/${runId}/replay`, { from: "two" });
      const [removed, ...others] = await Promise.all([remove(flowId), dispatch(), replay(), dispatch()]);
      expect([204, 409]).toContain(removed.status);
      await stack.admin.advance("PT5M");
      if (removed.status === 409 && held) await flow.resume();
      for (const { status, body } of others) {
        expect([202, 404, 422]).toContain(status);
        if (status !== 202) continue;
        const run = await stack.operator.until(body.runId, (one) => one.endedAt !== undefined);
        expect(["completed", "failed"]).toContain(run.status);
      }
      if (held && removed.status === 409) await flow.until((now) => now.draining === null);
      await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    }
  });
});
