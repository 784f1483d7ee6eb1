import { RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { Team, TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ALL = { ErrorEquals: ["States.ALL"] };
const HANDLERS = {
  Retry: [{ ...ALL, IntervalSeconds: 1, MaxAttempts: 5 }],
  Catch: [{ ...ALL, Next: "three" }],
};
const STEPS = chain({ one: task("one"), two: task("two") });
/** Flows whose handlers take every error. None of them may take one with which Sluice ends an execution. */
const FLOWS: Readonly<Record<string, JsonObject>> = {
  line: chain({ one: task("one", HANDLERS), two: task("two", HANDLERS), three: task("three") }),
  parallel: chain({
    both: { Type: "Parallel", Branches: [STEPS], ...HANDLERS },
    three: task("three"),
  }),
  nested: chain({
    around: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: chain({ both: { Type: "Parallel", Branches: [STEPS] } }),
      ...HANDLERS,
    },
    three: task("three"),
  }),
  loop: {
    StartAt: "one",
    States: {
      one: { ...task("one", HANDLERS), Next: "two" },
      two: { ...task("two", HANDLERS), Next: "Again" },
      Again: {
        Type: "Choice",
        Choices: [{ Variable: "$.again", IsPresent: true, Next: "one" }],
        Default: "three",
      },
      three: { ...task("three"), End: true },
    },
  },
};
const STARTED = "0192f3c4-1111-7abc-8def-0123456789ab";

describe("an execution of a managed flow's state machine", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two", "three");
    team = new Team(stack.url);
    for (const [flowId, definition] of Object.entries(FLOWS)) await stack.admin.publish(flowId, definition);
  });
  afterAll(() => stack.close());

  /** A run that is inside `one`, and its state machine. */
  const running = async (flowId: string) => {
    const before = stack.functions.count("one");
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch(flowId, { items: [1] });
    await eventually(() => stack.functions.count("one") === before + 1 || undefined);
    const { executionArn = "" } = await stack.operator.run(runId);
    const machine = executionArn.replace(":execution:", ":stateMachine:").replace(/:[^:]+$/, "");
    return { runId, executionArn, machine: new TeamMachine(team.client, machine) };
  };
  const calls = () => ["one", "two", "three"].map((name) => stack.functions.count(name));

  it.each(Object.keys(FLOWS))(
    "fails at once with Sluice.NotARun if somebody else has started it: %s",
    async (flowId) => {
      const { runId, machine } = await running(flowId);
      const before = calls();
      const stored = (await allItems(stack.url)).length;
      // A name that Sluice never gives, one of a run that does not exist, and another attempt of a run.
      for (const name of ["by-hand", `${STARTED}.1`, `${STARTED}.2`])
        expect(await machine.ended(await machine.start({ items: [1] }, name))).toMatchObject({
          status: "FAILED",
          // The first gate of a loop also follows its last step, and such gates know one error.
          error: flowId === "loop" && name.endsWith(".1") ? "Sluice.RunIsOver" : "Sluice.NotARun",
          cause: expect.stringContaining("Start a run through Sluice instead."),
        });
      expect(calls()).toEqual(before);
      expect((await allItems(stack.url)).length).toBe(stored);
      stack.functions.release("one");
      await stack.operator.untilStatus(runId, "completed");
    },
  );

  it.each(Object.keys(FLOWS))(
    "fails with Sluice.RunIsOver if it is redriven after its run was cancelled: %s",
    async (flowId) => {
      const { runId, executionArn, machine } = await running(flowId);
      expect((await stack.operator.act(runId, "cancel", { reason: "a mistake" })).status).toBe(200);
      stack.functions.release("one");
      expect(await machine.ended(executionArn)).toMatchObject({
        status: "ABORTED",
        error: "Sluice.Cancelled",
      });
      await stack.admin.advance("PT0S");
      const [one = 0, two, three] = calls();
      const run = await stack.operator.run(runId);
      await team.client.send(new RedriveExecutionCommand({ executionArn }));
      expect(await machine.ended(executionArn)).toMatchObject({
        status: "FAILED",
        error: "Sluice.RunIsOver",
        cause: expect.stringContaining(
          `The run ${runId} was cancelled by operator: a mistake. Start a new execution, or replay the run.`,
        ),
      });
      // The redrive begins with the step that was stopped, and reaches no gate before.
      expect(calls()).toEqual([one + 1, two, three]);
      expect(await stack.operator.run(runId)).toEqual(run);
    },
  );

  it("fails again with its own error if it is redriven after its run failed", async () => {
    const flowId = "failing";
    await stack.admin.publish(flowId, STEPS);
    stack.functions.fail("one", "Broken");
    const { runId } = await stack.operator.dispatch(flowId, {});
    const { executionArn = "" } = await stack.operator.untilStatus(runId, "failed");
    stack.functions.mend("one");
    const machine = new TeamMachine(team.client, executionArn);
    await machine.ended(executionArn);
    const two = stack.functions.count("two");
    await team.client.send(new RedriveExecutionCommand({ executionArn }));
    expect(await machine.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Broken" });
    expect(stack.functions.count("two")).toBe(two);
    expect(await stack.operator.run(runId)).toMatchObject({ status: "failed", error: { error: "Broken" } });
  });
});
