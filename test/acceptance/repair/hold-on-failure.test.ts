import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const FIVE = ["one", "two", "three", "four", "five"];
const PAUSE = { onFailure: "pause" };

describe("a flow that holds failures", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...FIVE);
    await stack.admin.publish("five", tasks(...FIVE), PAUSE);
  });
  afterAll(() => stack.close());

  const stands = (runId: string): Promise<Run> =>
    stack.operator.until(runId, (run) => run.pausedBy?.kind === "error" && run.parkedAt !== undefined);
  const standing = async (flowId: string, payload: JsonObject = {}): Promise<Run> => {
    stack.functions.forget();
    const { runId } = await stack.operator.dispatch(flowId, payload);
    return stands(runId);
  };
  const called = () =>
    stack.functions
      .calls()
      .filter(({ at }) => at === "begin")
      .map(({ name }) => name);
  const resume = (runId: string, body: JsonObject = {}) => stack.operator.act(runId, "resume", body);

  /** The actions of the audit, oldest first, if each entry begins where the one before it ended. */
  const audit = async (runId: string): Promise<string[]> => {
    const entries = (await stack.operator.audit(runId)).toReversed();
    expect(entries.map(({ rev }) => rev)).toEqual(entries.map((_, index) => index + 1));
    for (const [index, { from }] of entries.entries()) expect(from).toBe(entries[index - 1]?.to);
    return entries.map(({ action }) => action);
  };
  const executionStatus = (executionArn: string | undefined) =>
    fetch(`${stack.url}/aws/states`, {
      method: "POST",
      headers: {
        "x-amz-target": "AWSStepFunctions.DescribeExecution",
        "content-type": "application/x-amz-json-1.0",
      },
      body: JSON.stringify({ executionArn }),
    }).then(async (answer) => ((await answer.json()) as { status?: string }).status);

  it("halts at the step that failed, and tries it again when it is resumed", async () => {
    stack.functions.fail("three", "Broken");
    const { runId, pausedBy, error, allowedActions, executionArn } = await standing("five", { n: 1 });
    expect(pausedBy).toMatchObject({ kind: "error", error: "Broken", state: "three" });
    expect(pausedBy?.cause).toContain("three was told to fail");
    expect([error, allowedActions]).toEqual([undefined, ["resume", "cancel"]]);
    expect(await executionStatus(executionArn)).toBe("FAILED");
    const attention = await stack.operator.api.listAttention({
      query: { pausedBy: "error", error: "told to fail" },
    });
    expect(attention.items.map((item) => item.runId)).toContain(runId);

    stack.functions.mend("three");
    expect((await resume(runId)).body).toMatchObject({ status: "running", flowVersion: 1 });
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(called()).toEqual(["one", "two", "three", "three", "four", "five"]);
    expect(done.output).toEqual({ n: 1, one: 1, two: 1, three: 1, four: 1, five: 1 });
    expect(done.executionArn).not.toBe(executionArn);
    const steps = (await stack.operator.steps(runId)).map(({ name, status }) => `${name} ${status}`);
    const again = ["three failed", "three completed", "four completed", "five completed"];
    expect(steps).toEqual(["one completed", "two completed", ...again]);
    expect(await audit(runId)).toEqual(["dispatch", "begin", "halt", "resume", "complete"]);
  });

  it("halts again when it fails again, and ends with its error when it is given up", async () => {
    stack.functions.fail("two", "Down");
    const { runId } = await standing("five");
    expect((await resume(runId)).status).toBe(200);
    const again = await stack.operator.until(runId, ({ pausedBy, rev, parkedAt }) =>
      Boolean(pausedBy?.kind === "error" && rev === 5 && parkedAt),
    );
    stack.functions.mend("two");
    expect(called()).toEqual(["one", "two", "two"]);
    const over = await resume(runId, { giveUp: true, reason: "obsolete" });
    expect(over.body).toMatchObject({
      ...{ status: "failed", error: { error: "Down", state: "two" }, executionArn: again.executionArn },
    });
    expect(await executionStatus(again.executionArn)).toBe("FAILED");
    expect(await audit(runId)).toEqual(["dispatch", "begin", "halt", "resume", "halt", "fail"]);
    expect((await resume(runId)).body).toMatchObject({ code: "run_already_terminal" });
    expect((await stack.operator.steps(runId)).map(({ status }) => status)).toEqual([
      ...["completed", "failed", "failed"],
    ]);
  });

  it("holds a failure that no gate sees, with variables of both languages, in the middle of a loop", async () => {
    const loop = (
      begin: JsonObject,
      add: JsonObject,
      choices: JsonObject[],
      end: JsonObject,
    ): JsonObject => ({
      StartAt: "Begin",
      States: {
        Begin: { Type: "Pass", ...begin, Next: "one" },
        one: task("one", { Next: "Add" }),
        Add: { Type: "Pass", ...add, Next: "Which" },
        Which: { Type: "Choice", Choices: choices },
        End: { Type: "Pass", ...end, End: true },
      },
    });
    const zero = { Assign: { round: 0 } };
    const definitions: Record<string, JsonObject> = {
      "path-loop": loop(
        zero,
        { Assign: { "round.$": "States.MathAdd($round, 1)" } },
        [
          { Variable: "$round", NumericLessThan: 5, Next: "one" },
          { Variable: "$.mended", IsPresent: true, Next: "End" },
        ],
        { Parameters: { "round.$": "$round" } },
      ),
      "ata-loop": {
        QueryLanguage: "JSONata",
        ...loop(
          zero,
          { Assign: { round: "{% $round + 1 %}" } },
          [
            { Condition: "{% $round < 5 %}", Next: "one" },
            { Condition: "{% $exists($states.input.mended) %}", Next: "End" },
          ],
          { Output: { round: "{% $round %}" } },
        ),
      },
    };
    for (const [flowId, definition] of Object.entries(definitions)) {
      await stack.admin.publish(flowId, definition, PAUSE);
      const { runId, pausedBy } = await standing(flowId);
      expect(pausedBy).toMatchObject({ error: "States.Runtime", state: "Which" });
      expect(called()).toHaveLength(5);
      // Nothing has changed, so the same state fails in the same way, with the same variables.
      await resume(runId);
      const again = await stack.operator.until(
        runId,
        ({ rev, parkedAt }) => rev === 5 && parkedAt !== undefined,
      );
      expect(again.pausedBy).toMatchObject({ error: "States.Runtime", state: "Which" });
      expect(called()).toHaveLength(5);
      expect((await stack.operator.act(runId, "cancel")).status).toBe(200);
    }
  });

  it("begins a Parallel, a Map and a Distributed Map again as a whole, if they are named, with the input that they had", async () => {
    const each = (more: JsonObject = {}): JsonObject => ({
      ...{ Type: "Map", ItemsPath: "$.items", ResultPath: "$.out" },
      ItemProcessor: { ProcessorConfig: { Mode: "INLINE", ...more }, ...tasks("two", "three") },
    });
    const kinds: Record<string, [state: JsonObject, calls: [two: number, three: number]]> = {
      parallel: [{ Type: "Parallel", Branches: [tasks("two"), tasks("three")], ResultPath: "$.out" }, [1, 1]],
      map: [each(), [2, 2]],
      distributed: [each({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }), [2, 2]],
    };
    for (const [flowId, [Wide, [two, three]]] of Object.entries(kinds)) {
      await stack.admin.publish(flowId, chain({ one: task("one"), Wide, four: task("four") }), PAUSE);
      stack.functions.fail("three", "Down");
      const { runId, pausedBy } = await standing(flowId, { items: [{ n: 1 }, { n: 2 }] });
      stack.functions.mend("three");
      expect(pausedBy?.state).toBe("Wide");
      for (const body of [{}, { version: "same" }]) {
        const unnamed = await stack.admin.act(runId, "resume", body);
        expect([unnamed.status, unnamed.body["code"]]).toEqual([422, "resume_not_possible"]);
      }
      for (const [where, possible] of [
        [{ version: "same" }, 0],
        [{ at: "Wide" }, 1],
      ] as const) {
        const many = { action: "resume", runIds: [runId], ...where, dryRun: true };
        const preview = await stack.admin.call("POST", "/bulk-operations", many);
        expect(preview.body).toMatchObject({ matched: 1, possible });
      }
      stack.functions.forget();
      expect((await stack.admin.act(runId, "resume", { at: "Wide" })).status).toBe(200);
      const { output } = await stack.operator.untilStatus(runId, "completed");
      expect(["one", "two", "three", "four"].map((name) => stack.functions.count(name))).toEqual([
        ...[0, two, three, 1],
      ]);
      expect((output as JsonObject)["out"]).toHaveLength(2);
      expect((output as JsonObject)["one"]).toBe(1);
    }
  });

  it("keeps its flow from being deleted while it is halted", async () => {
    await stack.admin.publish("kept", tasks("two"), PAUSE);
    stack.functions.fail("two", "Down");
    const { runId } = await standing("kept");
    stack.functions.mend("two");
    const kept = await stack.admin.call("DELETE", "/flows/kept");
    expect(kept.body).toMatchObject({ code: "flow_has_open_runs", counts: { paused: 1 } });
    expect((await stack.admin.call("DELETE", `/runs/${runId}`)).status).toBe(204);
    expect((await stack.admin.call("DELETE", "/flows/kept")).status).toBe(204);
  });

  it("holds only failures of steps that begin while the setting is on, and only its own", async () => {
    await stack.admin.publish("later", tasks("one", "two"));
    const settings = (body: JsonObject) => stack.admin.call("PUT", "/flows/later/settings", body);
    const failing = async () => {
      stack.functions.fail("two", "Down");
      const { runId } = await stack.operator.dispatch("later", {});
      const run = await stack.operator.until(
        runId,
        ({ status }) => status === "failed" || status === "paused",
      );
      stack.functions.mend("two");
      return run.status;
    };
    expect(await failing()).toBe("failed");
    const set = await settings({ onFailure: "pause" });
    expect(set.body).toMatchObject({ onFailure: "pause", rev: 2 });
    expect((await settings({ onFailure: "pause" })).body).toMatchObject({ rev: 2 });
    expect(await failing()).toBe("paused");
    expect((await settings({ onFailure: "fail" })).body).toMatchObject({ onFailure: "fail", rev: 3 });
    expect(await failing()).toBe("failed");
    const flow = (await stack.operator.api.listFlowAudit({ flowId: "later", query: {} })).items;
    expect(flow.map(({ action, reason }) => reason ?? action)).toEqual([
      ...["onFailure fail", "onFailure pause", "publish"],
    ]);
    expect((await stack.operator.call("PUT", "/flows/later/settings", {})).status).toBe(403);
    expect((await settings({ onFailure: "stop" })).status).toBe(422);
  });

  it("stays halted for longer than Step Functions keeps a history, and leaves nothing behind", async () => {
    stack.functions.fail("one", "Down");
    const { runId } = await standing("five");
    stack.functions.mend("one");
    await stack.admin.advance("P100D");
    expect((await stack.operator.run(runId)).status).toBe("paused");
    expect((await resume(runId)).status).toBe(200);
    await stack.operator.untilStatus(runId, "completed");
    await stack.admin.advance("PT10M");
    expect(await leftovers(stack.url)).toEqual([]);
  });
});
