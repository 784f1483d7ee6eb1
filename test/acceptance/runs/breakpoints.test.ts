import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { publishedEvents } from "../../harness/stack/published-events.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const FIVE = ["one", "two", "three", "four", "five"];

describe("a run that pauses again", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...FIVE);
    await stack.admin.publish("five", tasks(...FIVE));
  });
  afterEach(() => {
    for (const name of FIVE) stack.functions.release(name);
    stack.functions.forget();
  });
  afterAll(() => stack.close());

  const called = () =>
    stack.functions
      .calls()
      .filter(({ at }) => at === "begin")
      .map(({ name }) => name);
  const until = (name: string) => eventually(() => stack.functions.count(name) > 0 || undefined);
  const parked = (runId: string): Promise<Run> =>
    stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  const resume = (runId: string, body: JsonObject = {}) =>
    stack.operator.expect<Run>([200], "POST", `/runs/${runId}/resume`, body);
  const pauseBefore = (runId: string, before: string, more: JsonObject = {}) =>
    stack.operator.expect<Run>([200], "POST", `/runs/${runId}/pause`, { before, ...more });
  const completed = (runId: string) => stack.operator.untilStatus(runId, "completed");
  const inStep = async (flowId: string, name: string, payload: JsonObject = {}): Promise<string> => {
    stack.functions.block(name);
    const { runId } = await stack.operator.dispatch(flowId, payload);
    await until(name);
    return runId;
  };
  /** A run that stands before its first step. */
  const standing = async (flowId: string, payload: JsonObject = {}): Promise<string> => {
    await stack.operator.call("POST", `/flows/${flowId}/pause`, {});
    const { runId } = await stack.operator.dispatch(flowId, payload);
    await stack.operator.act(runId, "pause");
    await stack.operator.call("POST", `/flows/${flowId}/resume`, {});
    return runId;
  };

  it("stops before the state of its breakpoint, shows why, and passes it when it is resumed", async () => {
    const runId = await inStep("five", "one", { n: 1 });
    const set = await pauseBefore(runId, "three", { reason: "look at the cart" });
    expect(set).toMatchObject({ status: "running", pauseBefore: "three", rev: 2 });
    stack.functions.release("one");
    const stands = await parked(runId);
    expect(stands).toMatchObject({
      ...{ status: "paused", pauseBefore: "three", currentStep: "two" },
      pausedBy: { kind: "user", id: "operator", state: "three" },
    });
    expect(stands.pausedBy?.reason).toBe("Breakpoint at three: look at the cart");
    expect(called()).toEqual(["one", "two"]);
    const { items } = await stack.operator.api.listAttention({ query: { pausedBy: "operator" } });
    expect(items.find((run) => run.runId === runId)?.pausedBy?.reason).toContain("Breakpoint at three");
    const [last] = await stack.operator.audit(runId);
    expect(last).toMatchObject({
      ...{ action: "pause", from: "running", to: "paused", rev: 3 },
      ...{ actor: { kind: "user", id: "operator" }, reason: "Breakpoint at three: look at the cart" },
    });
    const event = await eventually(async () =>
      (await publishedEvents(stack.admin)).find(({ detail }) => detail.runId === runId && detail.rev === 3),
    );
    expect(event.detail).toMatchObject({
      ...{ action: "pause", reason: "Breakpoint at three: look at the cart" },
      pausedBy: { kind: "user", id: "operator", state: "three" },
    });
    expect((await resume(runId)).pauseBefore).toBeUndefined();
    expect((await completed(runId)).output).toEqual({ n: 1, one: 1, two: 1, three: 1, four: 1, five: 1 });
    expect(called()).toEqual(FIVE);
    await stack.admin.advance("PT5M");
    expect(await leftovers(stack.url)).toEqual([]);
  });

  it("has one breakpoint, which a later one replaces, and which a pause, a resume or a cancel ends", async () => {
    const runId = await inStep("five", "one");
    await pauseBefore(runId, "two");
    expect((await pauseBefore(runId, "four")).pauseBefore).toBe("four");
    await stack.operator.act(runId, "pause");
    expect((await stack.operator.run(runId)).pauseBefore).toBe("four");
    expect(await stack.operator.act(runId, "pause", { before: "five" })).toMatchObject({
      ...{ status: 409, body: { code: "action_not_allowed", currentStatus: "paused" } },
    });
    await resume(runId);
    await pauseBefore(runId, "five");
    stack.functions.release("one");
    await parked(runId);
    expect(called()).toEqual(["one", "two", "three", "four"]);
    const cancelled = await stack.operator.act(runId, "cancel");
    expect(cancelled.body).toMatchObject({ status: "cancelled" });
    expect(cancelled.body["pauseBefore"]).toBeUndefined();
    expect((await stack.operator.act(runId, "pause", { before: "five" })).body).toMatchObject({
      code: "run_already_terminal",
    });
  });

  it("takes no breakpoint at a state without a gate, of another revision or without the right", async () => {
    const names = {
      check: { Type: "Pass" },
      one: task("one"),
      free: task("two", { Sluice: { Gate: "none" } }),
    };
    await stack.admin.publish("gates", chain(names));
    const runId = await inStep("gates", "one");
    const refused = async (before: string) => {
      const { status, body } = await stack.operator.act(runId, "pause", { before });
      expect([status, body["code"]]).toEqual([422, "invalid_request"]);
      return JSON.stringify(body["errors"]);
    };
    expect(await refused("check")).toContain("a Pass state does nothing that needs holding");
    expect(await refused("free")).toContain("has no gate before");
    expect(await refused("nowhere")).toContain("has no state");
    const stale = await stack.operator.call(
      "POST",
      `/runs/${runId}/pause`,
      { before: "one" },
      { "if-match": '"1"' },
    );
    expect(stale).toMatchObject({ status: 409, body: { code: "state_changed" } });
    expect((await (await stack.as("viewer")).act(runId, "pause", { before: "one" })).status).toBe(403);
    expect((await stack.operator.run(runId)).pauseBefore).toBeUndefined();
    stack.functions.release("one");
    await completed(runId);
  });

  it("stops at the first of its branches that comes to the breakpoint, and all of them are held", async () => {
    const flow = chain({
      Fan: { Type: "Parallel", ResultPath: null, Branches: [tasks("one", "two"), tasks("three", "four")] },
      five: task("five"),
    });
    await stack.admin.publish("fan", flow);
    stack.functions.block("one");
    stack.functions.block("three");
    const { runId } = await stack.operator.dispatch("fan", {});
    await until("one");
    await until("three");
    await pauseBefore(runId, "two");
    stack.functions.release("one");
    await stack.operator.untilStatus(runId, "paused");
    stack.functions.release("three");
    expect((await parked(runId)).pausedBy?.reason).toBe("Breakpoint at two");
    expect(called().sort()).toEqual(["one", "three"]);
    await resume(runId, { steps: 1 });
    // The branches belong to the step that has begun: the one step is the next.
    expect((await completed(runId)).pausedBy).toBeUndefined();
  });

  it("lets as many steps begin as its resume says, from its first to its last", async () => {
    const runId = await standing("five");
    await resume(runId, { steps: 1 });
    const first = await parked(runId);
    expect([first.status, first.stepsLeft, first.pausedBy?.state]).toEqual(["paused", undefined, "two"]);
    expect(called()).toEqual(["one"]);
    stack.functions.block("two");
    expect(await resume(runId, { steps: 2, reason: "two at a time" })).toMatchObject({ stepsLeft: 2 });
    await until("two");
    expect((await stack.operator.run(runId)).stepsLeft).toBe(1);
    stack.functions.release("two");
    expect((await parked(runId)).pausedBy).toMatchObject({
      id: "operator",
      reason: "After 2 steps",
      state: "four",
    });
    expect(called()).toEqual(["one", "two", "three"]);
    const [last] = await stack.operator.audit(runId);
    expect(last).toMatchObject({ action: "pause", reason: "After 2 steps", actor: { id: "operator" } });
    await resume(runId, { steps: 2 });
    expect((await completed(runId)).stepsLeft).toBeUndefined();
    expect(called()).toEqual(FIVE);
  });

  it("counts a Parallel as one step, a wait too, and stops at whatever comes first", async () => {
    const flow = chain({
      Fan: { Type: "Parallel", ResultPath: null, Branches: [tasks("one", "two"), tasks("three")] },
      Wait: { Type: "Wait", Seconds: 60 },
      four: task("four"),
      five: task("five"),
    });
    await stack.admin.publish("mixed", flow);
    const runId = await standing("mixed");
    await resume(runId, { steps: 1 });
    expect((await parked(runId)).pausedBy?.state).toBe("Wait");
    expect(called().sort()).toEqual(["one", "three", "two"]);
    await resume(runId, { steps: 1 });
    await stack.operator.untilStatus(runId, "waiting");
    await pauseBefore(runId, "five");
    await stack.admin.advance("PT1M");
    expect((await parked(runId)).pausedBy).toMatchObject({ state: "four", reason: "After 1 step" });
    expect((await stack.operator.run(runId)).pauseBefore).toBe("five");
    await stack.admin.expect([200], "POST", `/runs/${runId}/resume`, { at: "four", steps: 1 });
    expect((await parked(runId)).pausedBy?.state).toBe("five");
    await resume(runId);
    await completed(runId);
    expect(called().slice(3)).toEqual(["four", "five"]);
  });

  it("stops at its breakpoint after its flow has held it, and counts steps over both", async () => {
    const runId = await inStep("five", "one");
    await stack.operator.call("POST", "/flows/five/pause", {});
    stack.functions.release("one");
    expect((await parked(runId)).pausedBy?.kind).toBe("flow");
    await pauseBefore(runId, "two");
    await stack.operator.call("POST", "/flows/five/resume", {});
    const stands = await stack.operator.until(runId, ({ pausedBy }) => pausedBy?.kind === "user");
    expect(stands.pausedBy?.reason).toBe("Breakpoint at two");
    await stack.operator.call("POST", "/flows/five/pause", {});
    await resume(runId, { steps: 1 });
    await stack.operator.until(runId, ({ pausedBy }) => pausedBy?.kind === "flow");
    await stack.operator.call("POST", "/flows/five/resume", {});
    expect(
      (await stack.operator.until(runId, ({ pausedBy }) => pausedBy?.kind === "user")).pausedBy?.state,
    ).toBe("three");
    await parked(runId);
    expect(called()).toEqual(["one", "two"]);
    await stack.operator.act(runId, "cancel");
  });

  it("tries the step that an error halted, and stands again before the next one", async () => {
    await stack.admin.publish("halts", tasks("one", "two", "three"), { onFailure: "pause" });
    stack.functions.fail("two", "Broken");
    const { runId } = await stack.operator.dispatch("halts", {});
    expect((await parked(runId)).pausedBy?.kind).toBe("error");
    stack.functions.mend("two");
    await resume(runId, { steps: 1 });
    expect((await parked(runId)).pausedBy).toMatchObject({
      kind: "user",
      reason: "After 1 step",
      state: "three",
    });
    await resume(runId);
    await completed(runId);
    expect(called()).toEqual(["one", "two", "two", "three"]);
  });

  it("does not let its paused time count towards its deadline", async () => {
    await stack.admin.publish("timed", { ...tasks("one", "two"), TimeoutSeconds: 600 });
    const runId = await inStep("timed", "one");
    await pauseBefore(runId, "two");
    stack.functions.release("one");
    await parked(runId);
    await stack.admin.advance("PT1H");
    await resume(runId);
    await completed(runId);
  });

  it("stops a child of a Distributed Map before a state inside it", async () => {
    const states = tasks("two", "three");
    const Each = {
      ...{ Type: "Map", ItemsPath: "$.items", ResultPath: null },
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...states },
    };
    await stack.admin.publish("each", chain({ one: task("one"), Each, five: task("five") }));
    const runId = await inStep("each", "one", { items: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    await pauseBefore(runId, "three");
    stack.functions.release("one");
    const stands = await parked(runId);
    expect(stands.pausedBy).toMatchObject({ reason: "Breakpoint at three", state: "three" });
    expect([stack.functions.count("two"), stack.functions.count("three")]).toEqual([3, 0]);
    await resume(runId);
    await completed(runId);
    expect([stack.functions.count("two"), stack.functions.count("three")]).toEqual([3, 3]);
  });
});
