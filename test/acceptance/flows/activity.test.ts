import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLocalStack } from "../../../local/start.ts";
import { chain, task } from "../../harness/definitions.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { stackOf, type TestStack } from "../../harness/stack/test-stack.ts";

const activityArn = "arn:aws:states:us-east-1:000000000000:activity:weigh";
const FLOW = chain({
  one: task("one"),
  Weigh: { Type: "Task", Resource: activityArn, ResultPath: "$.kilos", TimeoutSeconds: 3_600 },
  two: task("two"),
});
const stackThatAllows = (...allow: string[]): Promise<TestStack> =>
  stackOf(["one", "two"], (options) => startLocalStack({ ...options, allow }));

describe("a flow with an activity", () => {
  let stack: TestStack;
  let sfn: SFNClient;
  beforeAll(async () => {
    stack = await stackThatAllows("activity");
    sfn = new SFNClient(sdkConfig(stack.url, "states"));
    await sfn.send(new CreateActivityCommand({ name: "weigh" }));
    await stack.admin.publish("parcels", FLOW);
  });
  afterAll(async () => {
    sfn.destroy();
    await stack.close();
  });
  const take = () => sfn.send(new GetActivityTaskCommand({ activityArn }));

  it("gives its worker the state's input, and pauses after the worker's answer", async () => {
    const { operator } = stack;
    const { runId } = await operator.dispatch("parcels", { parcel: 7 });
    const { taskToken, input } = await take();
    expect(JSON.parse(String(input))).toEqual({ parcel: 7, one: 1 });
    expect((await operator.act(runId, "pause")).status).toBe(200);
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: "3" }));
    await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(stack.functions.count("two")).toBe(0);
    expect((await operator.act(runId, "resume")).status).toBe(200);
    const { output } = await operator.untilStatus(runId, "completed");
    expect(output).toEqual({ parcel: 7, one: 1, kilos: 3, two: 1 });
  });

  it("offers no task while the run is paused before the activity", async () => {
    const { operator } = stack;
    stack.functions.block("one");
    const { runId } = await operator.dispatch("parcels", {});
    await operator.until(runId, ({ currentStep }) => currentStep === "one");
    expect((await operator.act(runId, "pause")).status).toBe(200);
    stack.functions.release("one");
    await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    const polling = take();
    const early = await Promise.race([
      polling.then(() => "offered"),
      operator.advance("PT1M").then(() => "not offered"),
    ]);
    expect(early).toBe("not offered");
    expect((await operator.act(runId, "resume")).status).toBe(200);
    const { taskToken } = await polling;
    await sfn.send(new SendTaskFailureCommand({ taskToken, error: "Scale.Broken", cause: "no battery" }));
    expect((await operator.untilStatus(runId, "failed")).error).toMatchObject({
      ...{ error: "Scale.Broken", cause: "no battery", state: "Weigh" },
    });
  });
});

it("is published only if the allow list has the set for activities", async () => {
  for (const [allow, status] of [
    [[], 422],
    [["activity"], 201],
  ] as const) {
    const stack = await stackThatAllows(...allow);
    try {
      const { status: answered, body } = await stack.admin.call("PUT", "/flows/parcels", {
        definition: FLOW,
      });
      expect(answered).toBe(status);
      if (status === 422)
        expect(body["errors"]).toEqual([
          { path: "States.Weigh.Resource", message: expect.stringContaining('The set "activity"') },
        ]);
    } finally {
      await stack.close();
    }
  }
});
