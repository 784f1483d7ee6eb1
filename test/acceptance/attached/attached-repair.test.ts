import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { runOf, Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ORDERS = chain({ one: task("one"), two: task("two"), three: task("three") });

describe("a run of an attached flow", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two", "three");
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  const attached = async (
    flowId: string,
    definition: JsonObject = ORDERS,
    owner = team,
  ): Promise<TeamMachine> => {
    const machine = await owner.create(flowId, definition);
    const body = { stateMachineArn: machine.arn };
    await stack.admin.expect([200], "POST", `/flows/${flowId}/attach`, body);
    return machine;
  };
  const counts = () => ["one", "two", "three"].map((name) => stack.functions.count(name));
  const since = (before: readonly number[]) => counts().map((count, index) => count - (before[index] ?? 0));
  /** The run of an execution that others started, parked before `two`. */
  const parked = async (machine: TeamMachine): Promise<{ arn: string; run: Run }> => {
    const [ones = 0] = counts();
    stack.functions.block("one");
    const arn = await machine.start({ order: 1 });
    await eventually(() => stack.functions.count("one") > ones || undefined);
    const { runId } = await runOf(stack.operator, arn);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    stack.functions.release("one");
    return { arn, run: await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined) };
  };
  const resume = ({ runId }: Run, body: JsonObject) => stack.admin.act(runId, "resume", body);

  it("continues elsewhere in a fresh execution of its own machine, and whoever waits for the old one sees it aborted", async () => {
    const machine = await attached("moved");
    const { arn, run } = await parked(machine);
    const before = counts();
    expect(await resume(run, { at: "three", input: { order: 2 } })).toMatchObject({
      status: 409,
      body: { code: "execution_awaited" },
    });
    expect((await resume(run, { at: "three", input: { order: 2 }, detach: true })).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({ status: "ABORTED" });
    const done = await stack.operator.untilStatus(run.runId, "completed");
    expect(done).toMatchObject({
      ...{ output: { order: 2, three: 1 }, payload: { order: 1 }, startedBy: run.startedBy },
      executionArn: expect.stringMatching(`:execution:moved:${run.runId}\\.2$`),
    });
    expect(since(before)).toEqual([0, 0, 1]);
    const steps = await stack.operator.steps(run.runId);
    expect(steps.map(({ name, status }) => [name, status])).toEqual([
      ["one", "completed"],
      ["three", "completed"],
    ]);
    expect((await stack.operator.audit(run.runId)).map(({ moved }) => moved).filter(Boolean)).toEqual([
      { from: "two", at: "three", version: 1 },
    ]);
  });

  it("arrives with its variables and a skipped step, and stands there while its flow is held", async () => {
    const counting = chain({
      start: { Type: "Pass", Assign: { seen: "yes" } },
      one: task("one", { Arguments: "{% $states.input %}" }),
      two: task("two", { Arguments: "{% $states.input %}" }),
      three: task("three", { Arguments: { seen: "{% $seen %}" } }),
    });
    const machine = await attached("variables", { QueryLanguage: "JSONata", ...counting });
    const { arn, run } = await parked(machine);
    const before = counts();
    const flow = (action: string, body: JsonObject = {}) =>
      stack.operator.expect([200], "POST", `/flows/variables/${action}`, body);
    await flow("pause");
    expect((await resume(run, { output: { two: "skipped" }, detach: true })).status).toBe(200);
    await machine.ended(arn);
    // It stands at the state at which it continues, not at the first.
    const held = await stack.operator.until(
      run.runId,
      ({ parkedAt, pausedBy }) => parkedAt !== undefined && pausedBy?.kind === "flow",
    );
    expect(held.currentStep).toBe("one");
    expect(since(before)).toEqual([0, 0, 0]);
    await flow("resume");
    const done = await stack.operator.untilStatus(run.runId, "completed");
    expect(done.output).toEqual({ seen: "yes", three: 1 });
    expect(since(before)).toEqual([0, 0, 1]);
  });

  it("halts when a step fails and its flow says so: its parent sees the failure, and the next execution tries the step again", async () => {
    const machine = await attached("halting");
    const settings = { onFailure: "pause", whenUnreachable: "fail" };
    const flow = await stack.admin.expect([200], "PUT", "/flows/halting/settings", settings);
    expect(flow).toMatchObject({ onFailure: "pause", whenUnreachable: "fail", version: 2 });
    const before = counts();
    stack.functions.fail("two", "Broken");
    const arn = await machine.start({ order: 3 });
    expect(await machine.ended(arn)).toMatchObject({ status: "FAILED", error: "Broken" });
    const { runId } = await runOf(stack.operator, arn);
    const halted = await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(halted).toMatchObject({
      ...{ status: "paused", executionArn: arn },
      pausedBy: { kind: "error", error: "Broken", state: "two" },
    });
    // Nobody waits for the execution any longer, so the run may leave it.
    stack.functions.mend("two");
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(done.output).toEqual({ order: 3, one: 1, two: 1, three: 1 });
    expect(since(before)).toEqual([1, 2, 1]);
    expect((await stack.operator.steps(runId)).map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...["one completed", "two failed", "two completed", "three completed"],
    ]);
    expect(await machine.entered(done.executionArn ?? "")).toEqual([
      ...["Sluice gate - one", "Sluice arrive", "Sluice arrived", "Sluice take up", "Sluice go on"],
      ...["Sluice gate - two", "two", "Sluice gate - three", "three", "Sluice complete gate"],
    ]);
  });

  it("is replayed from the step that failed, on its own machine", async () => {
    const machine = await attached("replayed");
    const before = counts();
    stack.functions.fail("two", "Broken");
    const arn = await machine.start({ order: 4 });
    await machine.ended(arn);
    const { runId } = await runOf(stack.operator, arn);
    await stack.operator.untilStatus(runId, "failed");
    stack.functions.mend("two");
    const replay = (body: JsonObject) =>
      stack.operator.expect<Run>([202], "POST", `/runs/${runId}/replay`, body);
    for (const body of [{ from: "failed-step" }, { from: "two", version: "latest" }]) {
      const again = await replay(body);
      const done = await stack.operator.untilStatus(again.runId, "completed");
      expect(done).toMatchObject({
        ...{ output: { order: 4, one: 1, two: 1, three: 1 }, payload: { order: 4, one: 1 } },
        executionArn: expect.stringMatching(`:execution:replayed:${again.runId}\\.1$`),
      });
    }
    expect(since(before)).toEqual([1, 3, 2]);
  });

  it("leaves its execution only for a definition that has its gates and its version", async () => {
    const machine = await attached("replaced");
    const { arn, run } = await parked(machine);
    const refused = async (body: JsonObject): Promise<unknown> => {
      const answer = await resume(run, { ...body, detach: true });
      expect(answer).toMatchObject({ status: 422, body: { code: "resume_not_possible" } });
      return answer.body["detail"];
    };
    await machine.overwrite(chain({ two: task("two"), three: task("three") }));
    expect(await refused({ at: "three" })).toContain("has been replaced and has no gates");
    const body = { stateMachineArn: machine.arn };
    await stack.admin.expect([200], "POST", "/flows/replaced/attach", body);
    expect(await refused({ at: "three" })).toContain("has the definition of version 2");
    expect(await refused({ at: "one", version: "latest" })).toContain('has no state "one"');
    expect((await machine.execution(arn)).status).toBe("RUNNING");
    const before = counts();
    expect((await resume(run, { version: "latest", detach: true })).status).toBe(200);
    expect(await stack.operator.untilStatus(run.runId, "completed")).toMatchObject({ flowVersion: 2 });
    expect(since(before)).toEqual([0, 1, 1]);
  });

  it("fails instead of beginning anew if the gate cannot lead its execution to its place", async () => {
    const owner = new Team(stack.url, "loses-its-grant");
    const machine = await attached("unreachable", ORDERS, owner);
    const { run } = await parked(machine);
    const before = counts();
    const { roleArn } = owner;
    await stack.admin.expect([200], "POST", "/local/roles", { roleArn, mayCall: false });
    expect((await resume(run, { at: "three", detach: true })).status).toBe(200);
    const failed = await eventually(async () => {
      await stack.admin.advance("PT1M");
      const now = await stack.operator.run(run.runId);
      return now.status === "failed" ? now : undefined;
    });
    expect(failed.error).toMatchObject({ error: "Sluice.GateUnreachable" });
    expect(since(before)).toEqual([0, 0, 0]);
  });

  it("never leaves its execution if a step without a gate would be called first", async () => {
    const first = task("one", { Sluice: { Gate: "none" } });
    const machine = await attached("ungated", chain({ one: first, two: task("two"), three: task("three") }));
    stack.functions.block("two");
    const [, twos = 0] = counts();
    const arn = await machine.start({});
    await eventually(() => counts()[1] === twos + 1 || undefined);
    const { runId } = await runOf(stack.operator, arn);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    stack.functions.release("two");
    const run = await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    const answer = await resume(run, { at: "two", detach: true });
    expect(answer).toMatchObject({ status: 422, body: { code: "resume_not_possible" } });
    expect(answer.body["detail"]).toContain("a step without a gate comes before its first gate");
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
  });
});
