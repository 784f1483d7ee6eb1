import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LocalStackOptions, startLocalStack } from "../../../local/start.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Run, Step } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { stackOf, type TestStack } from "../../harness/stack/test-stack.ts";

const STANDARD = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };

/** A flow whose Distributed Map runs these states for each of `$.items`. */
const mapping = (
  states: Record<string, JsonObject>,
  map: JsonObject = {},
  more: JsonObject = {},
): JsonObject =>
  chain(
    {
      Each: {
        Type: "Map",
        ...(more["QueryLanguage"] === "JSONata"
          ? { Items: "{% $states.input.items %}" }
          : { ItemsPath: "$.items" }),
        ItemProcessor: { ProcessorConfig: STANDARD, ...chain(states) },
        ...map,
      },
      after: task("after"),
    },
    more,
  );

const items = (count: number): Json[] => Array.from({ length: count }, (_, n) => ({ n }));

describe("a Distributed Map", { timeout: 120_000 }, () => {
  const files = mkdtempSync(join(tmpdir(), "sluice-items-"));
  let stack: TestStack;
  beforeAll(async () => {
    const start = (options: LocalStackOptions) =>
      startLocalStack({ ...options, data: files, allow: ["readers"] });
    stack = await stackOf(["one", "two", "after"], start);
  });
  afterEach(() => {
    for (const name of ["one", "two", "after"]) stack.functions.release(name);
    stack.functions.forget();
  });
  afterAll(async () => {
    await stack.close();
    rmSync(files, { recursive: true });
  });

  const mapStep = async (runId: string): Promise<Step> => {
    const steps = await stack.operator.steps(runId);
    const step = steps.find(({ name }) => name === "Each");
    if (step === undefined) throw new Error("The Map has no step");
    return step;
  };

  /** Starts a run, and pauses it while `busy` children are in their first step. */
  const pausedInside = async (flowId: string, payload: JsonObject, busy: number): Promise<string> => {
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch(flowId, payload);
    await eventually(() => stack.functions.count("one") >= busy || undefined, 60);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    return runId;
  };

  const parked = (runId: string): Promise<Run> =>
    stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);

  it.each([
    ["JSONPath", {}],
    ["JSONata", { QueryLanguage: "JSONata" }],
  ])("is paused in the middle and resumed, in %s", async (language, more) => {
    const flowId = `each-${language.toLowerCase()}`;
    const jsonata = language === "JSONata";
    const definition = mapping(
      { one: task("one"), two: task("two") },
      jsonata ? { Output: "{% { 'done': $states.result } %}" } : { ResultPath: "$.done" },
      more,
    );
    await stack.admin.publish(flowId, definition);
    const straight = await stack.operator.dispatch(flowId, { items: items(60) });
    const expected = await stack.operator.untilStatus(straight.runId, "completed");
    const done = items(60).map((item) => ({ ...(item as JsonObject), one: 1, two: 1 }));
    expect(expected.output).toMatchObject({ done });
    expect(await mapStep(straight.runId)).toMatchObject({
      children: { total: 60, succeeded: 60, failed: 0, running: 0, parked: 0 },
    });
    stack.functions.forget();

    const runId = await pausedInside(flowId, { items: items(60) }, 60);
    expect(await mapStep(runId)).toMatchObject({ status: "running", children: { total: 60, running: 60 } });
    expect((await stack.operator.run(runId)).parkedAt).toBeUndefined();
    stack.functions.release("one");
    const standing = await parked(runId);
    expect(standing.status).toBe("paused");
    expect(stack.functions.count("two")).toBe(0);
    expect(await mapStep(runId)).toMatchObject({ children: { total: 60, running: 0, parked: 60 } });
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    const ended = await stack.operator.untilStatus(runId, "completed");
    expect(ended.output).toEqual(expected.output);
    expect([stack.functions.count("one"), stack.functions.count("two")]).toEqual([60, 60]);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("is cancelled while its children are parked, and nothing is left", async () => {
    await stack.admin.publish("cancelled", mapping({ one: task("one"), two: task("two") }));
    const runId = await pausedInside("cancelled", { items: items(60) }, 60);
    stack.functions.release("one");
    await parked(runId);
    expect((await stack.operator.act(runId, "cancel")).status).toBe(200);
    await stack.admin.advance("PT10M");
    expect((await stack.operator.run(runId)).status).toBe("cancelled");
    expect([stack.functions.count("two"), stack.functions.count("after")]).toEqual([0, 0]);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  const outputOf = async (flowId: string, payload: JsonObject): Promise<Json | undefined> => {
    const { runId } = await stack.operator.dispatch(flowId, payload);
    const { output } = await stack.operator.untilStatus(runId, "completed");
    stack.functions.forget();
    return output;
  };

  /** Runs a flow without a pause, and again with a pause while `busy` children are in their first step. */
  const comparePaused = async (definition: JsonObject, payload: JsonObject, busy: number) => {
    const flowId = `compared-${Object.keys(payload).length}-${busy}-${Date.now()}`;
    await stack.admin.publish(flowId, definition);
    const expected = await outputOf(flowId, payload);
    const runId = await pausedInside(flowId, payload, busy);
    const begun = stack.functions.count("one");
    stack.functions.release("one");
    await parked(runId);
    expect(stack.functions.count("two")).toBe(0);
    expect(stack.functions.count("one")).toBe(begun);
    const { children } = await mapStep(runId);
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    const { output } = await stack.operator.untilStatus(runId, "completed");
    expect(output).toEqual(expected);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    return { output, children };
  };
  const TWO = { one: task("one"), two: task("two") };

  it("starts no more children than MaxConcurrency while it is paused", async () => {
    const { children } = await comparePaused(mapping(TWO, { MaxConcurrency: 4 }), { items: items(12) }, 4);
    expect(children).toEqual({ total: 12, succeeded: 0, failed: 0, running: 0, parked: 4 });
  });

  it.each<[string, JsonObject, Json]>([
    ["with a common input", { BatchInput: { "by.$": "$.who" } }, { BatchInput: { by: "ann" } }],
    ["without one", {}, {}],
  ])("batches its items %s", async (_name, batcher, common) => {
    const { output, children } = await comparePaused(
      mapping(TWO, { ItemBatcher: { MaxItemsPerBatch: 4, ...batcher } }),
      { items: items(9), who: "ann" },
      3,
    );
    expect(children).toMatchObject({ total: 3, parked: 3 });
    const batch = (from: number, to: number) => ({
      ...(common as JsonObject),
      ...{ Items: items(9).slice(from, to), one: 1, two: 1 },
    });
    expect(output).toEqual({ event: [batch(0, 4), batch(4, 8), batch(8, 9)], after: 1 });
  });

  it("puts as many items into a batch with a byte limit as without Sluice", async () => {
    // {"BatchInput":{"by":"ann"},"Items":[{"n":0},{"n":1}]} has 53 bytes.
    const bytes = { MaxInputBytesPerBatch: 54, BatchInput: { "by.$": "$.who" } };
    const { children } = await comparePaused(
      mapping(TWO, { ItemBatcher: bytes }),
      { items: items(8), who: "ann" },
      4,
    );
    expect(children).toMatchObject({ total: 4 });
  });

  it("selects its items and passes each one unchanged, even a string, an array or null", async () => {
    const payload = { items: ["text", ["x"], [], null, { deep: [1] }], who: "ann" };
    const plain = await comparePaused(mapping(TWO), payload, 5);
    expect(plain.output).toEqual({
      event: [
        { event: "text", one: 1, two: 1 },
        { event: ["x"], one: 1, two: 1 },
        { event: [], one: 1, two: 1 },
        { event: null, one: 1, two: 1 },
        { deep: [1], one: 1, two: 1 },
      ],
      after: 1,
    });
    const ItemSelector = { "value.$": "$$.Map.Item.Value", "place.$": "$$.Map.Item.Index", "by.$": "$.who" };
    const selected = await comparePaused(mapping(TWO, { ItemSelector }), payload, 5);
    expect(selected.output).toMatchObject({
      event: [{ value: "text", place: 0, by: "ann" }, {}, {}, {}, {}],
    });
  });

  it("reads its items from files", async () => {
    const rows = items(6).map((item) => JSON.stringify(item));
    mkdirSync(join(files, "s3", "inbox"), { recursive: true });
    writeFileSync(join(files, "s3", "inbox", "rows.jsonl"), rows.join("\n"));
    const ItemReader = {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSONL" },
      Parameters: { Bucket: "inbox", Key: "rows.jsonl" },
    };
    const definition = mapping(TWO, { ItemReader });
    const { Each } = definition["States"] as { Each: JsonObject };
    delete Each["ItemsPath"];
    const { output, children } = await comparePaused(definition, {}, 6);
    expect(children).toMatchObject({ total: 6, parked: 6 });
    expect(output).toMatchObject({ event: [{ n: 0, one: 1, two: 1 }, {}, {}, {}, {}, { n: 5 }] });
  });

  it("begins with a state that has no gate, and returns to its first state", async () => {
    const Look = {
      Type: "Choice",
      Choices: [{ Variable: "$.n", IsPresent: true, Next: "one" }],
      Default: "one",
    };
    const again = {
      Type: "Choice",
      Choices: [{ Variable: "$.two", NumericLessThan: 2, Next: "Look" }],
      Default: "Done",
    };
    const states = {
      StartAt: "Look",
      States: {
        Look,
        one: task("one", { Next: "two" }),
        two: task("two", { Next: "Again" }),
        Again: again,
        Done: { Type: "Succeed" },
      },
    };
    const definition = mapping(TWO, { ItemProcessor: { ProcessorConfig: STANDARD, ...states } });
    const { output } = await comparePaused(definition, { items: items(3) }, 3);
    expect(output).toEqual({
      event: items(3).map((item) => ({ ...(item as JsonObject), one: 2, two: 2 })),
      after: 1,
    });
  });

  it("contains another Distributed Map", async () => {
    const inner = {
      Type: "Map",
      ItemsPath: "$.inner",
      ItemProcessor: { ProcessorConfig: STANDARD, ...chain(TWO) },
      ResultPath: "$.inner",
    };
    const outer = mapping({ Inner: inner, last: task("after") });
    const payload = { items: [1, 2, 3].map((n) => ({ n, inner: items(n) })) };
    const { children } = await comparePaused(outer, payload, 6);
    expect(children).toMatchObject({ total: 3, parked: 3, running: 0 });
  });

  it("runs next to another branch", async () => {
    const each = mapping(TWO, { Next: undefined as never, End: true });
    const { Each } = each["States"] as { Each: JsonObject };
    delete Each["Next"];
    const both = chain({
      Both: {
        Type: "Parallel",
        Branches: [
          { StartAt: "Each", States: { Each: { ...Each, End: true } } },
          chain({ other: task("after") }),
        ],
      },
      last: task("after"),
    });
    const { output } = await comparePaused(both, { items: items(5) }, 5);
    expect(output).toMatchObject({
      event: [items(5).map((item) => ({ ...(item as JsonObject), one: 1, two: 1 })), {}],
    });
  });

  it("is held and released with its flow", async () => {
    const definition = mapping(TWO);
    await stack.admin.publish("held", definition);
    const expected = await outputOf("held", { items: items(20) });
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("held", { items: items(20) });
    await eventually(() => stack.functions.count("one") === 20 || undefined, 60);
    await stack.admin.expect([200], "POST", "/flows/held/pause", {});
    stack.functions.release("one");
    const standing = await parked(runId);
    expect(standing).toMatchObject({ status: "paused", pausedBy: { kind: "flow" } });
    expect(stack.functions.count("two")).toBe(0);
    const audit = await stack.operator.expect<{ items: { action: string }[] }>(
      [200],
      "GET",
      `/runs/${runId}/audit`,
    );
    expect(audit.items.filter(({ action }) => action === "hold")).toHaveLength(1);
    await stack.admin.expect([200], "POST", "/flows/held/resume", {});
    await stack.admin.advance("PT5M");
    const ended = await stack.operator.untilStatus(runId, "completed");
    expect(ended.output).toEqual(expected);
    const after = await stack.operator.expect<{ items: { action: string }[] }>(
      [200],
      "GET",
      `/runs/${runId}/audit`,
    );
    expect(after.items.filter(({ action }) => action === "release")).toHaveLength(1);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("ends at the run's deadline without a failure of its children", async () => {
    const handler = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Handle" }] };
    const definition = mapping(TWO, { ...handler, ToleratedFailurePercentage: 100 }, { TimeoutSeconds: 600 });
    const States = { ...(definition["States"] as JsonObject), Handle: task("after", { End: true }) };
    await stack.admin.publish("late", { ...definition, States });
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("late", { items: items(5) });
    await eventually(() => stack.functions.count("one") === 5 || undefined, 60);
    await stack.admin.advance("PT11M");
    stack.functions.release("one");
    const ended = await stack.operator.untilStatus(runId, "failed");
    expect(ended.error).toMatchObject({ error: "States.Timeout" });
    await stack.admin.advance("PT10M");
    expect([stack.functions.count("two"), stack.functions.count("after")]).toEqual([0, 0]);
  });

  it("fails only if more of its own children fail than it tolerates", async () => {
    await stack.admin.publish("fails", mapping(TWO, { ToleratedFailureCount: 1 }));
    stack.functions.fail("two", "Broken");
    const { runId } = await stack.operator.dispatch("fails", { items: items(4) });
    const ended = await stack.operator.untilStatus(runId, "failed");
    stack.functions.mend("two");
    expect(ended.error).toMatchObject({ error: "States.ExceedToleratedFailureThreshold", state: "Each" });
  });

  it.each<[string, JsonObject, string | undefined]>([
    ["asked to", { Sluice: { Children: "free" } }, undefined],
    [
      "EXPRESS",
      { ItemProcessor: { ProcessorConfig: { ...STANDARD, ExecutionType: "EXPRESS" }, ...chain(TWO) } },
      "EXPRESS",
    ],
    [
      "readers of their own input",
      {
        ItemProcessor: {
          ProcessorConfig: STANDARD,
          ...chain({ Look: { Type: "Pass", Parameters: { "all.$": "$$.Execution.Input" } }, ...TWO }),
        },
      },
      "Execution.Input",
    ],
  ])("does not stop children that are %s, and warns about it", async (_name, map, reason) => {
    const flowId = `free-${Date.now()}`;
    const { warnings } = await stack.admin.publish(flowId, mapping(TWO, map));
    if (reason === undefined) expect(warnings).toEqual([]);
    else expect(warnings).toEqual([expect.stringContaining(reason)]);
    const runId = await pausedInside(flowId, { items: items(3) }, 3);
    stack.functions.release("one");
    await parked(runId);
    expect([stack.functions.count("two"), stack.functions.count("after")]).toEqual([3, 0]);
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    await stack.operator.untilStatus(runId, "completed");
  });
});
