import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { eventually } from "../harness/clients/client.ts";
import { FlowClient } from "../harness/clients/flow-client.ts";
import { chain, task } from "../harness/definitions.ts";
import { leftovers } from "../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

const costs = (name: string, Cost: number): JsonObject => task(name, { Sluice: { Cost } });

describe("the spend meter", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two", "each");
  });
  afterAll(() => stack.close());

  const newFlow = async (flowId: string, definition: JsonObject): Promise<FlowClient> => {
    await stack.admin.publish(flowId, definition);
    return new FlowClient(stack.admin, flowId);
  };
  const spent = async (flow: FlowClient) => (await flow.now()).meters.spend?.used;

  it("counts each step's cost once, in decimals, cap or no cap", async () => {
    const flow = await newFlow("sums", chain({ a: costs("one", 0.1), b: costs("two", 0.2), c: task("one") }));
    for (let n = 1; n <= 3; n += 1) {
      const { runId } = await flow.dispatch({ n });
      await stack.admin.untilStatus(runId, "completed");
      expect(await spent(flow)).toBe([0.3, 0.6, 0.9][n - 1]);
    }
  });

  it("a gate that is called again after a lost answer counts once", async () => {
    const flow = await newFlow("again", chain({ a: costs("one", 3) }));
    const fault = { service: "lambda", operation: "Invoke", when: "after", times: 1 };
    await stack.admin.expect([200], "POST", "/local/faults", { ...fault, error: "Lambda.ServiceException" });
    const { runId } = await flow.dispatch({});
    const faultsLeft = async () =>
      (await stack.admin.expect<{ items: unknown[] }>([200], "GET", "/local/faults")).items.length;
    await eventually(async () => (await faultsLeft()) === 0 || undefined);
    await stack.admin.advance("PT5M");
    await stack.admin.untilStatus(runId, "completed");
    expect(await spent(flow)).toBe(3);
  });

  it("a run that its user has paused costs nothing until it continues", async () => {
    const flow = await newFlow("paused", chain({ a: task("one"), b: costs("two", 4) }));
    stack.functions.block("one");
    const { runId } = await flow.dispatch({});
    await stack.admin.until(runId, (run) => run.status === "running");
    await stack.admin.act(runId, "pause");
    stack.functions.release("one");
    await stack.admin.until(runId, (run) => run.parkedAt !== undefined);
    expect(await spent(flow)).toBe(0);
    await stack.admin.act(runId, "resume");
    await stack.admin.untilStatus(runId, "completed");
    expect(await spent(flow)).toBe(4);
  });

  it("iterations of a Map share the cap, and those beyond it run after it is raised", async () => {
    const iteration = { StartAt: "Pay", States: { Pay: { ...costs("each", 2), End: true } } };
    const flow = await newFlow(
      "shared",
      chain({ Fan: { Type: "Map", ItemsPath: "$.items", ItemProcessor: iteration } }),
    );
    await flow.caps({ spend: { limit: 7, period: "month" } });
    const { runId } = await flow.dispatch({ items: [1, 2, 3, 4, 5, 6, 7, 8] });
    const held = await flow.until((now) => now.status === "paused_safety");
    expect(held.holds).toMatchObject([
      { kind: "spend", by: "spend", reason: "Spend cap reached: 7 per month" },
    ]);
    await stack.admin.until(runId, (run) => run.status === "paused" && run.pausedBy?.kind === "flow");
    await eventually(
      () => stack.functions.calls("each").filter(({ at }) => at === "end").length === 3 || undefined,
    );
    expect(await spent(flow)).toBe(6);
    expect((await flow.caps({ spend: { limit: 16, period: "month" } })).body).toMatchObject({
      status: "active",
      holds: [],
    });
    await stack.admin.advance("PT1M");
    await stack.admin.untilStatus(runId, "completed");
    expect(stack.functions.count("each")).toBe(8);
    expect(await spent(flow)).toBe(16);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("removing the cap lifts its hold, but not a user's pause", async () => {
    const flow = await newFlow("removed", chain({ a: costs("one", 2) }));
    await flow.caps({ spend: { limit: 1, period: "day" } });
    const { runId } = await flow.dispatch({});
    await flow.until((now) => now.status === "paused_safety");
    await flow.pause();
    const open = await flow.caps({ spend: null });
    expect(open.body).toMatchObject({ status: "paused", holds: [{ kind: "manual" }], caps: {} });
    const [lift, change] = await flow.audit();
    expect(lift).toMatchObject({ action: "lift", actor: { kind: "cap", id: "spend" }, to: "paused" });
    expect(change).toMatchObject({ action: "caps", actor: { kind: "user", id: "admin" } });
    expect((await flow.resume()).status).toBe(200);
    await stack.admin.advance("PT1M");
    await stack.admin.untilStatus(runId, "completed");
  });
});
