import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("replay over HTTP", () => {
  let stack: TestStack;
  let failed: Run;
  beforeAll(async () => {
    stack = await testStack("one", "two", "three", "inner");
    stack.functions.fail("two", "Broken");
    const fan = { Type: "Parallel", Branches: [tasks("inner")], ResultPath: "$.fan" };
    const definition = chain({ one: task("one"), Fan: fan, two: task("two"), three: task("three") });
    await stack.admin.publish("flow", definition);
    const run = await stack.operator.dispatch("flow", { n: 7 });
    failed = await stack.operator.untilStatus(run.runId, "failed");
  });
  afterAll(() => stack.close());

  const replay = (runId: string, body?: JsonObject, key?: string) =>
    stack.operator.call<Run & { code: string; detail: string }>(
      ...(["POST", `/runs/${runId}/replay`, body] as const),
      key === undefined ? {} : { "idempotency-key": key },
    );
  const stepsOf = async (runId: string) => (await stack.operator.steps(runId)).map((step) => step.name);

  it("is possible only for runs that have ended", async () => {
    await stack.admin.publish("waits", chain({ Wait: { Type: "Wait", Seconds: 86_400 } }));
    const run = await stack.operator.dispatch("waits", {});
    await stack.operator.untilStatus(run.runId, "waiting");
    const refused = await replay(run.runId);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      ...{ code: "action_not_allowed", currentStatus: "waiting", allowedActions: ["cancel"] },
    });
  });

  it("from the failed step uses the input recorded there", async () => {
    const again = await replay(failed.runId, { from: "failed-step" });
    expect(again.status).toBe(202);
    expect(again.headers.get("location")).toBe(`/v1/workspaces/demo/runs/${again.body.runId}`);
    expect(again.body).toMatchObject({ replayOf: failed.runId, flowVersion: 1, startedBy: "operator" });
    expect((await stack.operator.untilStatus(again.body.runId, "failed")).error?.state).toBe("two");
    stack.functions.mend("two");
    const mended = await replay(again.body.runId, { from: "failed-step" });
    const done = await stack.operator.untilStatus(mended.body.runId, "completed");
    expect(done.output).toMatchObject({ n: 7, one: 1, two: 1, three: 1 });
    expect(await stepsOf(done.runId)).toEqual(["two", "three"]);
    expect(stack.functions.count("one")).toBe(1);
  });

  it("from a named state uses the surrounding state for a nested one, and a new payload if given", async () => {
    const nested = await replay(failed.runId, { from: "inner" });
    await stack.operator.untilStatus(nested.body.runId, "completed");
    expect((await stepsOf(nested.body.runId)).sort()).toEqual(["Fan", "inner", "three", "two"]);
    const other = await replay(failed.runId, { from: "three", payload: { mine: true } });
    const done = await stack.operator.untilStatus(other.body.runId, "completed");
    expect(done.output).toEqual({ mine: true, three: 1 });
    const first = await replay(failed.runId, { from: "one" });
    expect((await stack.operator.untilStatus(first.body.runId, "completed")).output).toMatchObject({ n: 7 });
  });

  it.each([
    ["nowhere", "nowhere"],
    ["three", "never reached"],
  ])("from %s is refused", async (from, why) => {
    const refused = await replay(failed.runId, { from });
    expect([refused.status, refused.body.code]).toEqual([422, "replay_not_possible"]);
    expect(refused.body.detail).toContain(why);
  });

  it("from the failed step works for every kind of state, for one run and for many, on the fixed version", async () => {
    const kinds: Record<string, [broken: JsonObject, mended: JsonObject]> = {
      choice: [
        { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "three" }] },
        { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 7, Next: "three" }] },
      ],
      pass: [
        { Type: "Pass", Parameters: { "n.$": "$.nothing" }, Next: "three" },
        { Type: "Pass", Next: "three" },
      ],
      fail: [
        { Type: "Fail", Error: "Oh" },
        { Type: "Pass", Next: "three" },
      ],
    };
    const elsewhere = { ErrorEquals: ["Never"], Next: "three" };
    const flow = (At: JsonObject): JsonObject => ({
      StartAt: "one",
      States: {
        one: task("one", { Next: "At", Catch: [elsewhere] }),
        At,
        three: task("three", { End: true }),
      },
    });
    const begun = stack.functions.count("one");
    const runIds: string[] = [];
    for (const [flowId, [broken, mended]] of Object.entries(kinds)) {
      await stack.admin.publish(flowId, flow(broken));
      const { runId } = await stack.operator.dispatch(flowId, { n: 7 });
      const over = await stack.operator.untilStatus(runId, "failed");
      expect(over.error?.state).toBe("At");
      const same = await replay(runId, { from: "failed-step" });
      expect((await stack.operator.untilStatus(same.body.runId, "failed")).error?.state).toBe("At");
      await stack.admin.publish(flowId, flow(mended));
      runIds.push(runId);
      const asked = { from: "failed-step", version: "latest" };
      const preview = await replay(runId, { ...asked, dryRun: true });
      const input = { n: 7, one: 1 };
      expect([preview.status, preview.body]).toEqual([
        ...[200, { flowVersion: 2, state: "At", input, callsAgain: [] }],
      ]);
      const latest = await replay(runId, asked);
      expect((await stack.operator.untilStatus(latest.body.runId, "completed")).output).toEqual({
        ...{ ...input, three: 1 },
      });
      expect((await replay(runId, { dryRun: true })).body).toMatchObject({
        ...{ flowVersion: 2, state: "one", input: { n: 7 }, callsAgain: ["one"] },
      });
    }
    const many = { action: "replay", runIds, from: "failed-step", version: "latest" } as const;
    const counted = await stack.operator.call("POST", "/bulk-operations", { ...many, dryRun: true });
    expect(counted.body).toEqual({
      ...{ matched: 3, possible: 3 },
      places: expect.arrayContaining(
        Object.keys(kinds).map((flowId) => ({
          ...{ flowId, flowVersion: 1, state: "At", count: 1, possible: true },
          to: { flowVersion: 2, state: "At" },
        })),
      ),
    });
    const { bulk, results } = await new BulkClient(stack.operator).run(many);
    expect(bulk).toMatchObject({ succeeded: 3, from: "failed-step", version: "latest" });
    for (const { newRunId = "" } of results) await stack.operator.untilStatus(newRunId, "completed");
    expect(stack.functions.count("one")).toBe(begun + 3);
  });

  it("from the failed step of a run that has not failed is refused", async () => {
    const done = await replay(failed.runId, { from: "three", payload: 1 });
    await stack.operator.untilStatus(done.body.runId, "completed");
    expect((await replay(done.body.runId, { from: "failed-step" })).body.code).toBe("replay_not_possible");
  });

  it("from a step that needs earlier variables is refused", async () => {
    const definition = chain(
      {
        Set: { Type: "Pass", Assign: { saved: 1 } },
        one: task("one", { Arguments: "{% $saved %}" }),
      },
      { QueryLanguage: "JSONata" },
    );
    await stack.admin.publish("variables", definition);
    const run = await stack.operator.dispatch("variables", {});
    await stack.operator.untilStatus(run.runId, "completed");
    const refused = await replay(run.runId, { from: "one" });
    expect(refused.body).toMatchObject({ code: "replay_not_possible", status: 422 });
    expect(refused.body.detail).toContain("saved");
  });

  it("of the whole flow uses the latest version, or the same one if asked", async () => {
    await stack.admin.publish("versions", tasks("one"));
    const run = await stack.operator.dispatch("versions", { v: 1 });
    await stack.operator.untilStatus(run.runId, "completed");
    await stack.admin.publish("versions", tasks("one", "three"));
    const latest = await replay(run.runId);
    const same = await replay(run.runId, { version: "same" });
    const given = await replay(run.runId, { from: "start", payload: { v: 2 } });
    expect([latest, same, given].map(({ body }) => body.flowVersion)).toEqual([2, 1, 2]);
    const outputs = [];
    for (const { body } of [latest, same, given]) {
      outputs.push((await stack.operator.untilStatus(body.runId, "completed")).output);
    }
    expect(outputs).toEqual([
      { v: 1, one: 1, three: 1 },
      { v: 1, one: 1 },
      { v: 2, one: 1, three: 1 },
    ]);
  });

  it("with an idempotency key happens once", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => replay(failed.runId, {}, "again")));
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect((await replay(failed.runId, { from: "three" }, "again")).body.code).toBe("replay_not_possible");
    expect((await replay(failed.runId, { version: "same" }, "again")).body.code).toBe(
      "idempotency_key_reused",
    );
  });

  it("uses machines that are deleted with the flow", async () => {
    const machines = async () =>
      (
        await fetch(`${stack.url}/aws/states`, {
          method: "POST",
          headers: {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "AWSStepFunctions.ListStateMachines",
          },
          body: "{}",
        })
      ).json() as Promise<{ stateMachines: { name: string }[] }>;
    const [own] = /sluice-demo-[a-z2-7]{16}/.exec(failed.executionArn ?? "") ?? [];
    const ofFlow = async () =>
      (await machines()).stateMachines.map(({ name }) => name).filter((name) => name.startsWith(own ?? "-"));
    expect((await ofFlow()).length).toBeGreaterThan(2);
    type Page = { items: Run[] };
    // Replays of earlier tests may still be in progress.
    await eventually(async () => {
      const path = "/runs?flowId=flow&status=pending,running";
      const { items } = await stack.admin.expect<Page>([200], "GET", path);
      return items.length === 0 ? true : undefined;
    });
    const open = await stack.admin.expect<Page>([200], "GET", "/runs?flowId=flow&status=failed&limit=200");
    for (const { runId } of open.items) await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
    await stack.admin.expect([204], "DELETE", "/flows/flow");
    expect(await ofFlow()).toEqual([]);
  });
});
