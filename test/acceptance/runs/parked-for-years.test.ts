import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** The second step needs a variable that the first has assigned, and the execution's own input. */
const WITH_VARIABLES: JsonObject = {
  QueryLanguage: "JSONata",
  ...chain({
    one: task("one", { Assign: { order: "{% $states.input.order %}", big: "{% $pad('', 1000, 'x') %}" } }),
    two: task("two", {
      Arguments: {
        order: "{% $order %}",
        size: "{% $length($big) %}",
        from: "{% $states.context.Execution.Input.order %}",
      },
    }),
  }),
};

describe("a run that is paused for years", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let states: SFNClient;
  beforeAll(async () => {
    stack = await testStack("one", "two", "left", "right");
    states = new SFNClient(sdkConfig(stack.url, "states"));
    await stack.admin.publish("line", WITH_VARIABLES);
    await stack.admin.publish("single", tasks("one"));
    const Branches = [tasks("left", "two"), tasks("right")];
    await stack.admin.publish("fork", chain({ Fork: { Type: "Parallel", Branches }, one: task("one") }));
  });
  afterAll(() => stack.close());
  beforeEach(() => stack.functions.forget());

  const called = () =>
    stack.functions
      .calls()
      .filter(({ at }) => at === "begin")
      .map(({ name }) => name);
  const statusOf = async (executionArn: string | undefined) =>
    (await states.send(new DescribeExecutionCommand({ executionArn }))).status;
  /** Pauses a run in a step, and waits until it is parked at the next gate. */
  const parked = async (flowId: string, during: string): Promise<Run> => {
    stack.functions.block(during);
    const { runId } = await stack.operator.dispatch(flowId, { order: "A-1" });
    await eventually(() => stack.functions.count(during) === 1 || undefined);
    await stack.operator.act(runId, "pause", { reason: "a lawsuit" });
    stack.functions.release(during);
    return stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  };
  const inExecution = (runId: string, attempt: number): Promise<Run> =>
    stack.operator.until(
      runId,
      ({ executionArn }) => executionArn?.endsWith(`:${runId}.${attempt}`) === true,
    );
  /** An advance calls the sweeper once, at its end; the next one completes what that has begun. */
  const months = async (count: number): Promise<void> => {
    await stack.admin.advance(`P${count * 30}D`);
    await stack.admin.advance("PT10M");
  };

  it("goes on waiting in a fresh execution every eleven months, and continues as if nothing had happened", async () => {
    const { runId, executionArn, rev, parkedAt, pausedBy } = await parked("line", "one");
    await months(11);
    expect((await stack.operator.run(runId)).executionArn).toBe(executionArn);
    await months(1);
    const renewed = await inExecution(runId, 2);
    expect(renewed).toMatchObject({ status: "paused", rev, parkedAt, pausedBy });
    await eventually(async () => (await statusOf(executionArn)) === "ABORTED" || undefined);
    await eventually(async () => (await statusOf(renewed.executionArn)) === "RUNNING" || undefined);
    for (const execution of [3, 4]) {
      await months(12);
      const later = await inExecution(runId, execution);
      expect(later).toMatchObject({ status: "paused", rev, parkedAt, pausedBy });
    }
    expect(called()).toEqual(["one"]);

    await stack.operator.act(runId, "resume");
    const { output, ...ended } = await stack.operator.untilStatus(runId, "completed");
    expect(called()).toEqual(["one", "two"]);
    expect(ended.payload).toEqual({ order: "A-1" });
    expect(stack.functions.calls().at(-1)?.event).toMatchObject({ order: "A-1", size: 1_000, from: "A-1" });
    const steps = await stack.operator.steps(runId);
    expect(steps.map(({ seq, name, status }) => [seq, name, status])).toEqual([
      [1, "one", "completed"],
      [2, "two", "completed"],
    ]);
    expect((await stack.operator.audit(runId)).map(({ action }) => action)).toEqual([
      ...["complete", "resume", "pause", "begin", "dispatch"],
    ]);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("waits for its end too, if it was paused in its last step", async () => {
    const { runId } = await parked("single", "one");
    await months(12);
    expect(await inExecution(runId, 2)).toMatchObject({ status: "paused" });
    await stack.operator.act(runId, "resume");
    await stack.operator.untilStatus(runId, "completed");
    expect(called()).toEqual(["one"]);
  });

  it("is not moved while it is parked inside a Parallel, whose finished branches would be called again", async () => {
    const { runId, executionArn } = await parked("fork", "left");
    await months(12);
    expect(await stack.operator.run(runId)).toMatchObject({ status: "paused", executionArn });
    await stack.operator.act(runId, "resume");
    await stack.operator.untilStatus(runId, "completed");
    expect(called().toSorted()).toEqual(["left", "one", "right", "two"]);
  });
});
