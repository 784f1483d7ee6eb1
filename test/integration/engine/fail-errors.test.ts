import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** A run that fails shows the error with which its execution ended, even if the Fail state itself fails. */
describe("the error of a run that ends at a Fail state", () => {
  let stack: TestStack;
  let sfn: SFNClient;
  beforeAll(async () => {
    stack = await testStack();
    sfn = new SFNClient(sdkConfig(stack.url, "states"));
  });
  afterAll(async () => {
    sfn?.destroy();
    await stack?.close();
  });

  const RUNTIME = "States.Runtime";
  const QUERY = "States.QueryEvaluationError";
  const jsonata = (fields: JsonObject): JsonObject => ({ QueryLanguage: "JSONata", ...fields });
  const cases: readonly [string, JsonObject, string, RegExp][] = [
    ["literals", { Error: "E", Cause: "c" }, "E", /^c$/],
    ["no fields", {}, "", /^$/],
    ["paths to text", { ErrorPath: "$.text", CausePath: "$.text" }, "words", /^words$/],
    ["an ErrorPath to nothing", { ErrorPath: "$.gone", Cause: "c" }, RUNTIME, /'\$\.gone' .*'ErrorPath'/],
    ["an ErrorPath to a number", { ErrorPath: "$.number" }, RUNTIME, /ErrorPath .*\$\.number == 1/],
    ["an ErrorPath to a list", { ErrorPath: "$.list" }, RUNTIME, /ErrorPath .*\[1,2\]/],
    ["a CausePath to nothing", { Error: "E", CausePath: "$.gone" }, RUNTIME, /'\$\.gone' .*'CausePath'/],
    ["a CausePath to a number", { Error: "E", CausePath: "$.number" }, RUNTIME, /CausePath .*== 1/],
    ["a CausePath to a list", { Error: "E", CausePath: "$.list" }, RUNTIME, /CausePath .*\[1,2\]/],
    ["a CausePath to null", { Error: "E", CausePath: "$.null" }, RUNTIME, /CausePath .*null/],
    ["a failing intrinsic function", { CausePath: "States.Format('{}', $.gone)" }, RUNTIME, /States\.Format/],
    ["JSONata of text", jsonata({ Error: "{% $states.input.text %}" }), "words", /^$/],
    ["JSONata that changes", jsonata({ Error: "{% $uuid() %}" }), "", /^$/],
    ["JSONata of nothing", jsonata({ Error: "{% $states.input.gone %}", Cause: "c" }), QUERY, /undefined/],
    ["JSONata of a number", jsonata({ Error: "{% $states.input.number %}" }), QUERY, /number/],
    ["JSONata of a list", jsonata({ Error: "E", Cause: "{% $states.input.list %}" }), QUERY, /array/],
    ["JSONata that throws", jsonata({ Error: "E", Cause: "{% $number('x') %}" }), QUERY, /D3030/],
  ];

  it.each(
    cases.flatMap(([name, ...rest], n) => [
      [name, `top-${n}`, ...rest] as const,
      [`${name}, in a branch`, `branch-${n}`, ...rest] as const,
    ]),
  )("%s", async (_, flowId, fields, error, cause) => {
    const states = { Bad: { Type: "Fail", ...fields } };
    const branch = { StartAt: "Bad", States: states };
    const nested = { StartAt: "P", States: { P: { Type: "Parallel", Branches: [branch], End: true } } };
    await stack.admin.publish(flowId, flowId.startsWith("top") ? branch : nested);
    const payload = { text: "words", number: 1, list: [1, 2], null: null };
    const { runId } = await stack.operator.dispatch(flowId, payload);
    const run = await stack.operator.untilStatus(runId, "failed");
    // The gate before the Fail state ends the run; its execution ends a moment later.
    const ended = await eventually(async () => {
      const read = await sfn.send(new DescribeExecutionCommand({ executionArn: run.executionArn }));
      return read.status === "RUNNING" ? undefined : read;
    });
    expect(ended.status).toBe("FAILED");
    expect(run.error).toMatchObject({ error: ended.error ?? "", cause: ended.cause ?? "" });
    if (!JSON.stringify(fields).includes("uuid")) expect(run.error?.error).toBe(error);
    expect(run.error?.cause).toMatch(cause);
  });

  it("is corrected if the gate of an earlier release reported another", async () => {
    const fail = { StartAt: "Bad", States: { Bad: { Type: "Fail", Error: "Foretold", Cause: "early" } } };
    await stack.admin.publish("foretold", fail);
    const { runId } = await stack.operator.dispatch("foretold", {});
    const { executionArn } = await stack.operator.untilStatus(runId, "failed");
    const ended = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const lambda = new LambdaClient(sdkConfig(stack.url, "lambda"));
    const detail = {
      ...{ executionArn, stateMachineArn: ended.stateMachineArn, name: ended.name, status: "FAILED" },
      ...{ startDate: ended.startDate?.getTime(), error: "States.Runtime", cause: "x".repeat(400) },
    };
    const close = new InvokeCommand({
      FunctionName: "sluice-execution-closed",
      Payload: JSON.stringify({ detail }),
    });
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const answer = await lambda.send(close);
      expect(answer.FunctionError).toBeUndefined();
      const run = await stack.operator.run(runId);
      expect(run).toMatchObject({ status: "failed", error: { error: "States.Runtime", state: "Bad" } });
      expect(run.error?.cause).toBe(detail.cause);
    }
    lambda.destroy();
  });
});
