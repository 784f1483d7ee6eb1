import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StackUnderTest } from "../stack/test-stack.ts";

const local = new StackUnderTest();
beforeAll(async () => {
  local.write("double.ts", "export const handler = (event: { n: number }) => ({ n: event.n * 2 });");
  local.write("refuse.ts", `export const handler = () => { throw new TypeError("no"); };`);
  await local.start();
});
afterAll(() => local.remove());
beforeEach(async () => {
  await local.call("DELETE", "/local/usage");
});

describe("Lambda", () => {
  it("invokes the user's functions by name and ARN", async () => {
    const client = new LambdaClient(local.sdk("lambda"));
    for (const FunctionName of ["double", "arn:aws:lambda:us-east-1:000000000000:function:double:3"]) {
      const answer = await client.send(new InvokeCommand({ FunctionName, Payload: '{"n":21}' }));
      expect([answer.StatusCode, answer.FunctionError, answer.Payload?.transformToString()]).toEqual([
        200,
        undefined,
        '{"n":42}',
      ]);
    }
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(
      expect.arrayContaining(["double", "sluice-echo"]),
    );
  });

  it("reports function errors and functions that do not exist", async () => {
    const client = new LambdaClient(local.sdk("lambda"));
    const refused = await client.send(new InvokeCommand({ FunctionName: "refuse" }));
    expect(refused.FunctionError).toBe("Unhandled");
    expect(JSON.parse(refused.Payload?.transformToString() ?? "")).toMatchObject({
      errorType: "TypeError",
      errorMessage: "no",
    });
    await expect(client.send(new InvokeCommand({ FunctionName: "none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(client.send(new InvokeCommand({ FunctionName: "sluice-none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("injects faults", async () => {
    const client = new LambdaClient(local.sdk("lambda"));
    await local.call("POST", "/local/faults", {
      service: "lambda",
      operation: "Invoke",
      when: "before",
      times: 1,
    });
    await expect(client.send(new InvokeCommand({ FunctionName: "double" }))).rejects.toMatchObject({
      name: "InjectedFault",
    });
  });

  it("retries a failed asynchronous invocation twice, after one and two minutes, and then keeps it as a dead letter", async () => {
    const client = new LambdaClient(local.sdk("lambda"));
    await client.send(
      new InvokeCommand({ FunctionName: "refuse", InvocationType: "Event", Payload: '{"n":1}' }),
    );
    await local.call("POST", "/local/clock", { advanceBy: "PT2M59S" });
    expect((await local.call("GET", "/local/usage")).body.lambdaInvocations).toEqual({ refuse: 2 });
    await local.call("POST", "/local/clock", { advanceBy: "PT2S" });
    expect((await local.call("GET", "/local/usage")).body.lambdaInvocations).toEqual({ refuse: 3 });
    const { items } = (await local.call("GET", "/local/dead-letters")).body;
    expect(items.at(-1)).toMatchObject({
      source: "lambda",
      target: "refuse",
      payload: '{"n":1}',
      attempts: 3,
      error: { errorType: "TypeError" },
    });
  });
});
