import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, lambdaArn, task, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("the rehearsal of a resume", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two", "three");
  });
  afterAll(() => stack.close());

  /** A run that is parked behind its step `one`. */
  const parked = async (flowId: string, payload: JsonObject): Promise<Run> => {
    stack.functions.forget();
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch(flowId, payload);
    await eventually(() => stack.functions.count("one") > 0 || undefined);
    await stack.operator.act(runId, "pause");
    stack.functions.release("one");
    return stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  };
  const rehearse = (runId: string, body: JsonObject = {}) =>
    stack.admin.expect<Run>([200], "POST", `/runs/${runId}/resume`, { ...body, dryRun: true });
  const refused = async (runId: string, body: JsonObject = {}): Promise<string> => {
    const answer = await stack.admin.act(runId, "resume", { ...body, dryRun: true });
    expect([answer.status, answer.body["code"]]).toEqual([422, "resume_not_possible"]);
    return String(answer.body["detail"]);
  };

  it("says what would be called next with which input, calls nothing and writes nothing", async () => {
    const Parameters = { "n.$": "$.n", "from.$": "$$.Execution.Input.n", "kept.$": "$kept", fixed: true };
    await stack.admin.publish(
      "called",
      chain({
        one: task("one", { Assign: { kept: [1] } }),
        two: task("two", { Parameters }),
        three: task("three"),
      }),
    );
    const { runId, rev } = await parked("called", { n: 7 });
    const before = await allItems(stack.url);
    const { rehearsal, ...run } = await rehearse(runId);
    expect(run).toMatchObject({ status: "paused", rev });
    expect(rehearsal).toEqual({
      ...{ version: 1, passes: [] },
      next: {
        ...{ state: "two", type: "Task", resource: lambdaArn("two"), input: { n: 7, one: 1 } },
        arguments: { n: 7, from: 7, kept: [1], fixed: true },
      },
    });
    const moved = await rehearse(runId, {
      at: "two",
      input: { n: 8 },
      variables: { kept: "given" },
      steps: 1,
    });
    expect(moved.rehearsal?.next?.arguments).toEqual({ n: 8, from: 7, kept: "given", fixed: true });
    expect((await rehearse(runId, { output: { skipped: 1 } })).rehearsal?.next).toMatchObject({
      ...{ state: "three", arguments: { skipped: 1 } },
    });
    expect(await allItems(stack.url)).toEqual(before);
    expect([stack.functions.count("two"), stack.functions.count("three")]).toEqual([0, 0]);
  });

  it("follows Choices and Passes in both languages, to a step or to the end", async () => {
    const rule = { Variable: "$.n", NumericGreaterThan: 1, Next: "Many" };
    const jsonPath = {
      StartAt: "one",
      States: {
        one: task("one", { Next: "Which" }),
        Which: { Type: "Choice", Choices: [rule], Default: "Over" },
        Many: {
          Type: "Pass",
          Result: { many: true },
          ResultPath: "$.was",
          Assign: { seen: "yes" },
          Next: "Each",
        },
        Each: {
          ...{ Type: "Map", ItemsPath: "$.items", End: true },
          ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...tasks("two") },
        },
        Over: { Type: "Succeed", OutputPath: "$.n" },
      },
    };
    await stack.admin.publish("follows", jsonPath);
    const many = await parked("follows", { n: 2, items: [{ i: 1 }, { i: 2 }] });
    // A Choice has no gate, so the run is parked behind it only at its next step.
    expect((await rehearse(many.runId, { at: "Which" })).rehearsal).toMatchObject({
      passes: ["Which", "Many"],
      next: { state: "Each", type: "Map", input: { was: { many: true } }, items: [{ i: 1 }, { i: 2 }] },
    });
    expect((await rehearse(many.runId, { at: "Which", input: { n: 1 } })).rehearsal).toEqual({
      ...{ version: 1, passes: ["Which", "Over"], output: 1 },
    });
    expect(await refused(many.runId, { at: "Which", input: {} })).toContain(
      '"Which" would fail at once with',
    );
    expect(await refused(many.runId, { at: "Each", input: { items: 3 } })).toContain("are not an array");
    await stack.admin.act(many.runId, "cancel");

    const jsonata = {
      ...{ QueryLanguage: "JSONata", StartAt: "one" },
      States: {
        one: {
          Type: "Task",
          Resource: lambdaArn("one"),
          Arguments: "{% $states.input %}",
          Assign: { k: [5] },
          Next: "Shape",
        },
        Shape: { Type: "Pass", Output: { twice: "{% $states.input.n * 2 %}" }, Next: "ask" },
        ask: {
          ...{ Type: "Task", Resource: "arn:sluice:::approval", Next: "where" },
          Arguments: { Title: "{% 'Send ' & $states.input.twice & '?' %}" },
        },
        where: { Type: "Pass", Output: "{% $states.context.Execution.Name %}", Next: "bad" },
        bad: {
          Type: "Task",
          Resource: lambdaArn("two"),
          Arguments: "{% $nothing.x & $error('no') %}",
          End: true,
        },
      },
    };
    await stack.admin.publish("follows-too", jsonata);
    const asked = await parked("follows-too", { n: 4 });
    expect((await rehearse(asked.runId)).rehearsal).toMatchObject({
      passes: [],
      next: { state: "ask", resource: "arn:sluice:::approval", arguments: { Title: "Send 8?" } },
    });
    expect((await rehearse(asked.runId, { at: "Shape", input: { n: 1 } })).rehearsal).toMatchObject({
      passes: ["Shape"],
      next: { state: "ask", input: { twice: 2 }, arguments: { Title: "Send 2?" } },
    });
    expect((await rehearse(asked.runId, { at: "where" })).rehearsal?.unknown).toContain(
      "reads the context object",
    );
    expect(await refused(asked.runId, { at: "bad" })).toContain('"bad" would fail at once with');
    await stack.admin.act(asked.runId, "cancel");
  });

  it("is of the failed step, of a record's start, and refuses what the resume refuses", async () => {
    await stack.admin.publish("halts", tasks("one", "two"), { onFailure: "pause" });
    stack.functions.fail("two", "Broken");
    const { runId } = await stack.operator.dispatch("halts", { n: 1 });
    await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    stack.functions.mend("two");
    expect((await rehearse(runId)).rehearsal?.next).toMatchObject({ state: "two", input: { n: 1, one: 1 } });
    await stack.admin.publish("halts", tasks("one", "three"), { onFailure: "pause" });
    expect(await refused(runId, { version: "latest" })).toContain('has no state "two"');
    expect((await rehearse(runId, { version: 2, at: "three" })).rehearsal).toMatchObject({
      ...{ version: 2, next: { state: "three" } },
    });
    expect((await stack.operator.act(runId, "resume", { dryRun: true, at: "one" })).status).toBe(403);
    const both = await stack.admin.act(runId, "resume", { dryRun: true, giveUp: true });
    expect(both.status).toBe(422);
    await stack.admin.act(runId, "resume", { giveUp: true });
    expect((await stack.admin.act(runId, "resume", { dryRun: true })).body["code"]).toBe(
      "run_already_terminal",
    );

    await stack.operator.call("POST", "/flows/halts/pause", {});
    const queued = await stack.operator.dispatch("halts", { n: 2 });
    await stack.operator.act(queued.runId, "pause");
    await stack.operator.call("POST", "/flows/halts/resume", {});
    expect((await rehearse(queued.runId)).rehearsal).toMatchObject({
      ...{ version: 2, next: { state: "one", input: { n: 2 }, arguments: { n: 2 } } },
    });
    stack.functions.block("one");
    const begun = stack.functions.count("one");
    await stack.operator.act(queued.runId, "resume");
    await eventually(() => stack.functions.count("one") > begun || undefined);
    await stack.operator.act(queued.runId, "pause");
    expect((await stack.admin.act(queued.runId, "resume", { dryRun: true })).body["code"]).toBe(
      "step_in_progress",
    );
    stack.functions.release("one");
  });
});
