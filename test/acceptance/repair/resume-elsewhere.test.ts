import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { Client, eventually, tokenFor } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { allItems, leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const byRun = (a: { readonly runId: string }, b: { readonly runId: string }) =>
  a.runId.localeCompare(b.runId);
const FIVE = ["one", "two", "three", "four", "five"];

describe("a paused or halted run", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...FIVE, "mended");
    await stack.admin.publish("five", tasks(...FIVE));
  });
  afterAll(() => stack.close());

  /** A run that is parked before the state that follows `busy`, after calls of `beside` in other branches. */
  const parked = async (
    flowId: string,
    busy: string,
    payload: JsonObject = {},
    ...beside: string[]
  ): Promise<Run> => {
    stack.functions.forget();
    stack.functions.block(busy);
    const { runId } = await stack.operator.dispatch(flowId, payload);
    const called = () => [busy, ...beside].every((name) => stack.functions.count(name) > 0);
    await eventually(() => called() || undefined);
    await stack.operator.act(runId, "pause");
    stack.functions.release(busy);
    return stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  };
  const failed = async (flowId: string): Promise<Run> => {
    stack.functions.forget();
    const { runId } = await stack.operator.dispatch(flowId, {});
    return stack.operator.until(runId, ({ pausedBy, parkedAt }) =>
      Boolean(pausedBy?.kind === "error" && parkedAt),
    );
  };
  const resume = (runId: string, body: JsonObject = {}) => stack.admin.act(runId, "resume", body);
  const called = () =>
    stack.functions
      .calls()
      .filter(({ at }) => at === "begin")
      .map(({ name }) => name);
  const completed = (runId: string) => stack.operator.untilStatus(runId, "completed");
  const stepsOf = async (runId: string) =>
    (await stack.operator.steps(runId)).map(({ name, status }) => `${name} ${status}`);
  const refused = async (runId: string, body: JsonObject): Promise<string> => {
    const answer = await resume(runId, body);
    expect([answer.status, answer.body["code"]]).toEqual([422, "resume_not_possible"]);
    return String(answer.body["detail"]);
  };

  it("goes on at another state with another input, and its old execution is stopped", async () => {
    const { runId, executionArn } = await parked("five", "two", { n: 1 });
    const moved = await resume(runId, { at: "five", input: { n: 2 }, reason: "three and four are done" });
    expect(moved.body).toMatchObject({ status: "running", flowVersion: 1 });
    const done = await completed(runId);
    expect(done.output).toEqual({ n: 2, five: 1 });
    expect(done.executionArn).not.toBe(executionArn);
    expect(called()).toEqual(["one", "two", "five"]);
    expect(await stepsOf(runId)).toEqual(["one completed", "two completed", "five completed"]);
    const [, two] = await stack.operator.steps(runId);
    expect(two?.output).toEqual({ n: 1, one: 1, two: 1 });
    const entry = (await stack.operator.audit(runId)).find(({ action }) => action === "resume");
    expect(entry).toMatchObject({ moved: { from: "three", at: "five", version: 1 }, actor: { id: "admin" } });
    await stack.admin.advance("PT5M");
    expect(await leftovers(stack.url)).toEqual([]);
  });

  it("leaves out the step at hand, which had the given output, also the last one", async () => {
    const { runId } = await parked("five", "two");
    await resume(runId, { output: { skipped: "three" } });
    expect((await completed(runId)).output).toEqual({ skipped: "three", four: 1, five: 1 });
    const [, , third] = await stack.operator.steps(runId);
    expect(third).toMatchObject({ name: "three", status: "completed", output: { skipped: "three" } });
    expect(called()).toEqual(["one", "two", "four", "five"]);

    const ended = await parked("five", "five");
    expect(await refused(ended.runId, { output: 1 })).toContain("the end of the flow");
    await resume(ended.runId, { input: "other" });
    expect((await completed(ended.runId)).output).toBe("other");

    const last = await parked("five", "four");
    await resume(last.runId, { output: "all" });
    expect((await completed(last.runId)).output).toBe("all");
    expect(await stepsOf(last.runId)).toHaveLength(5);
  });

  it("goes on on another version, and stays where that has no such state", async () => {
    await stack.admin.publish("versions", tasks("one", "two"));
    const first = await parked("versions", "one");
    const other = await parked("versions", "one");
    await stack.admin.publish(
      "versions",
      chain({ one: task("one"), two: task("mended"), five: task("five") }),
    );
    expect((await resume(first.runId, { version: "latest" })).body).toMatchObject({ flowVersion: 2 });
    expect((await completed(first.runId)).output).toEqual({ one: 1, mended: 1, five: 1 });
    expect(called().slice(1)).toEqual(["mended", "five"]);
    await stack.admin.publish("versions", tasks("one", "three"));
    expect(await refused(other.runId, { version: 3 })).toContain('has no state "two"');
    expect(await refused(other.runId, { version: 9 })).toContain("no version 9");
    expect(await refused(other.runId, { at: "nowhere" })).toContain('no state "nowhere"');
    await resume(other.runId, { version: 3, at: "three" });
    expect((await completed(other.runId)).output).toEqual({ one: 1, three: 1 });
  });

  it("moves to the fixed version together with others, and the preview says which cannot", async () => {
    const bulks = new BulkClient(stack.admin);
    await stack.admin.publish("many", tasks("one", "two", "three"));
    const flow = { flowId: "many" };
    /** Runs that are parked before the state that follows `busy`. */
    const park = async (count: number, busy: string): Promise<string[]> => {
      stack.functions.forget();
      stack.functions.block(busy);
      const runIds = await bulks.dispatch("many", count);
      await eventually(() => stack.functions.count(busy) === count || undefined);
      await bulks.run({ action: "pause", runIds });
      stack.functions.release(busy);
      for (const runId of runIds) await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
      return runIds;
    };
    const ten = await park(10, "one");
    const others = await park(2, "two");
    await stack.admin.publish(
      "many",
      chain({ one: task("one"), two: task("mended", { Next: "five" }), five: task("five") }),
    );
    const asked = { action: "resume", filter: flow, version: "latest" } as const;
    const before = await allItems(stack.url);
    const preview = await stack.admin.call("POST", "/bulk-operations", { ...asked, dryRun: true });
    const detail =
      'Version 2 of the flow has no state "three", at which the run stopped. Name another one with "at".';
    const at = (state: string, count: number) => ({ ...flow, flowVersion: 1, state, count });
    expect(preview.body).toEqual({
      ...{ matched: 12, possible: 10 },
      places: [
        { ...at("two", 10), possible: true, to: { flowVersion: 2, state: "two" } },
        { ...at("three", 2), possible: false, code: "resume_not_possible", detail },
      ],
    });
    expect(await allItems(stack.url)).toEqual(before);
    expect((await stack.operator.call("POST", "/bulk-operations", asked)).status).toBe(403);

    stack.functions.forget();
    const { bulk, results } = await bulks.run(asked);
    expect(bulk).toMatchObject({ matched: 12, succeeded: 10, skipped: 2, failed: 0, version: "latest" });
    for (const runId of ten)
      expect(await completed(runId)).toMatchObject({
        flowVersion: 2,
        output: { one: 1, mended: 1, five: 1 },
      });
    expect(results.filter(({ outcome }) => outcome === "skipped").toSorted(byRun)).toEqual(
      others.toSorted().map((runId) => ({ runId, outcome: "skipped", code: "resume_not_possible", detail })),
    );
    expect(
      Object.entries(Object.groupBy(called(), (name) => name)).map(([name, all]) => [name, all?.length]),
    ).toEqual([
      ["mended", 10],
      ["five", 10],
    ]);
    const [entry] = (await stack.operator.audit(ten[0] ?? "")).filter(({ action }) => action === "resume");
    expect(entry).toMatchObject({ moved: { from: "two", at: "two", version: 2 } });

    const named = await bulks.run({ action: "resume", runIds: others, version: 2, at: "five" });
    expect(named.bulk).toMatchObject({ succeeded: 2, at: "five", version: 2 });
    for (const runId of others) expect((await completed(runId)).output).toMatchObject({ two: 1, five: 1 });
  });

  it("keeps the variables of both languages, or has those that are given", async () => {
    const flow = (language: string): JsonObject => ({
      ...chain({
        one: task("one", { Assign: language === "JSONata" ? { a: "{% 'kept' %}" } : { a: "kept" } }),
        two: task("two"),
        End:
          language === "JSONata"
            ? { Type: "Pass", Output: { a: "{% $a %}" } }
            : { Type: "Pass", Parameters: { "a.$": "$a" } },
      }),
      QueryLanguage: language,
    });
    for (const language of ["JSONPath", "JSONata"]) {
      const flowId = language.toLowerCase();
      await stack.admin.publish(flowId, flow(language));
      const kept = await parked(flowId, "one");
      await resume(kept.runId, { version: "same" });
      expect((await completed(kept.runId)).output).toEqual({ a: "kept" });
      const given = await parked(flowId, "one");
      expect(await refused(given.runId, { variables: { b: 1 } })).toContain('a variable "b"');
      await resume(given.runId, { at: "End", variables: { a: [1] } });
      expect((await completed(given.runId)).output).toEqual({ a: [1] });
    }
    await stack.admin.publish("needs", {
      ...chain({
        one: task("one"),
        two: task("two", { Assign: { a: 1 } }),
        End: { Type: "Pass", Parameters: { "a.$": "$a" } },
      }),
    });
    const { runId } = await parked("needs", "one");
    expect(await refused(runId, { output: {} })).toContain('needs the variable "a"');
    await resume(runId, { output: {}, variables: { a: 2 } });
    expect((await completed(runId)).output).toEqual({ a: 2 });
  });

  it("that an error paused is mended in each of these ways", async () => {
    await stack.admin.publish("halts", tasks(...FIVE), { onFailure: "pause" });
    stack.functions.fail("three", "Broken");
    const bodies: [JsonObject, JsonObject][] = [
      [{ output: { given: 1 } }, { given: 1, four: 1, five: 1 }],
      [
        { at: "four", input: { other: 1 } },
        { other: 1, four: 1, five: 1 },
      ],
    ];
    for (const [body, output] of bodies) {
      const { runId } = await failed("halts");
      await resume(runId, body);
      expect((await completed(runId)).output).toEqual(output);
      expect(called()).toEqual(["one", "two", "three", "four", "five"]);
      expect((await stepsOf(runId))[2]).toBe("three failed");
    }
    const { runId } = await failed("halts");
    await stack.admin.publish("halts", chain({ one: task("one"), two: task("two"), three: task("mended") }));
    await resume(runId, { version: "latest", input: { n: 1 } });
    expect(await completed(runId)).toMatchObject({ flowVersion: 2, output: { n: 1, mended: 1 } });
    stack.functions.mend("three");
  });

  it("begins branches again only where the state is named", async () => {
    const each = (Mode: JsonObject): JsonObject => ({
      ...{ Type: "Map", ItemsPath: "$.items", ResultPath: null },
      ItemProcessor: { ProcessorConfig: Mode, ...tasks("one", "two", "three") },
    });
    const twice = ["one", "one", "one", "one", "three", "three", "two", "two", "two", "two"];
    const kinds: Record<string, [fan: JsonObject, calls: string[]]> = {
      fan: [
        { Type: "Parallel", Branches: [tasks("one"), tasks("two", "three")], ResultPath: null },
        ["one", "one", "three", "two", "two"],
      ],
      map: [each({ Mode: "INLINE" }), twice],
      distributed: [each({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }), twice],
    };
    for (const [flowId, [fan, calls]] of Object.entries(kinds)) {
      await stack.admin.publish(flowId, chain({ fan, four: task("four") }));
      const { runId } = await parked(flowId, "two", { items: [{ n: 1 }, { n: 2 }] }, "one");
      expect(await refused(runId, { version: "same" })).toContain('name it with "at"');
      await resume(runId, { at: "fan" });
      await completed(runId);
      expect(called().toSorted()).toEqual(["four", ...calls]);
    }
    expect(await refusedQueue()).toContain("has not begun");
  });
  const refusedQueue = async (): Promise<string> => {
    await stack.admin.expect([200], "POST", "/flows/fan/pause", {});
    const { runId } = await stack.operator.dispatch("fan", {});
    await stack.operator.act(runId, "pause");
    const detail = await refused(runId, { at: "four" });
    expect((await resume(runId, { version: "latest" })).body).toMatchObject({ status: "pending" });
    await stack.operator.act(runId, "cancel");
    return detail;
  };

  it("is sent elsewhere by administrators and clients that may repair, when nothing of it is in progress", async () => {
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("five", {});
    await stack.operator.until(runId, ({ currentStep }) => currentStep === "one");
    await stack.operator.act(runId, "pause");
    const early = await resume(runId, { at: "five" });
    expect([early.status, early.body["code"]]).toEqual([409, "step_in_progress"]);
    stack.functions.release("one");
    await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    const operator = await stack.operator.act(runId, "resume", { at: "five" });
    expect([operator.status, operator.body["code"]]).toEqual([403, "forbidden"]);
    const machine = async (...scopes: string[]) =>
      new Client(stack.url, await tokenFor(stack.url, { client: "robot", scopes }));
    const controls = await (await machine("runs:control")).act(runId, "resume", { at: "five" });
    expect(controls.status).toBe(403);
    const repairs = await (await machine("runs:repair")).act(runId, "resume", { at: "five" });
    expect(repairs.status).toBe(200);
    await completed(runId);
  });

  it("goes on elsewhere in the fifth round of a loop, with the variables of both languages", async () => {
    const zero = { Assign: { round: 0 } };
    const loop = (add: JsonObject, is: (test: "=" | "<", round: number) => JsonObject, end: JsonObject) => ({
      StartAt: "Begin",
      States: {
        Begin: { Type: "Pass", ...zero, Next: "one" },
        one: task("one", { Next: "Add" }),
        Add: { Type: "Pass", ...add, Next: "Which" },
        Which: {
          Type: "Choice",
          Choices: [
            { ...is("=", 5), Next: "two" },
            { ...is("<", 7), Next: "one" },
          ],
          Default: "End",
        },
        two: task("two", { Next: "one" }),
        End: { Type: "Pass", ...end, End: true },
      },
    });
    const definitions: Record<string, JsonObject> = {
      "loop-path": loop(
        { Assign: { "round.$": "States.MathAdd($round, 1)" } },
        (test, round) => ({
          Variable: "$round",
          [test === "=" ? "NumericEquals" : "NumericLessThan"]: round,
        }),
        { Parameters: { "round.$": "$round" } },
      ),
      "loop-ata": {
        QueryLanguage: "JSONata",
        ...loop(
          { Assign: { round: "{% $round + 1 %}" } },
          (test, round) => ({ Condition: `{% $round ${test} ${round} %}` }),
          { Output: { round: "{% $round %}" } },
        ),
      },
    };
    for (const [flowId, definition] of Object.entries(definitions)) {
      await stack.admin.publish(flowId, definition);
      const { runId } = await parked(flowId, "two");
      expect(stack.functions.count("one")).toBe(5);
      await stack.admin.publish(flowId, { ...definition, Comment: "mended" });
      await resume(runId, { version: "latest" });
      expect(await completed(runId)).toMatchObject({ flowVersion: 2, output: { round: 7 } });
      expect(called().filter((name) => name === "one")).toHaveLength(7);
      expect(called().filter((name) => name === "two")).toHaveLength(1);
    }
  });
});
