import { RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { RaceHarness } from "./race-harness.ts";

let harness: RaceHarness;
beforeAll(async () => {
  harness = await RaceHarness.start("attached");
});
afterAll(() => harness.close());
afterEach(async () => expect(await harness.violations()).toEqual([]));
const release = (name: string) => harness.environment.functions.release(name);

/** An attached flow without runs, and its machine. */
const attached = async (flowId: string): Promise<TeamMachine> => {
  harness.flowId = flowId;
  return harness.attach(tasks("one", "two"));
};
const detach = () => harness.environment.admin.call("POST", `/flows/${harness.flowId}/detach`, {});
const flow = () => harness.environment.admin.expect<object>([200], "GET", `/flows/${harness.flowId}`);
const runs = () => harness.runs();

const GATE = { functionName: "sluice-gate" };
const READS_FLOW = { ...GATE, operation: "GetItem", about: '"SK":"FLOW"' };
const MAKES_RUN = { ...GATE, operation: "TransactWriteItems" };

test.each([
  ["before the gate reads the flow", "lifted-early", READS_FLOW],
  ["before the gate creates the run", "lifted-late", MAKES_RUN],
] as const)(
  "race 32: a native start into a hold that is lifted %s runs, once",
  async (_when, flowId, place) => {
    const machine = await attached(flowId);
    expect((await harness.onFlow("pause")).status).toBe(200);
    const [one, two] = [harness.calls("one"), harness.calls("two")];
    const gate = harness.traps.set(place);
    const arn = await machine.start({});
    await gate.caught;
    expect((await harness.onFlow("resume")).status).toBe(200);
    await harness.settled();
    gate.go();
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    const [run] = (await runs()) as [Run];
    await harness.until(run, "completed");
    expect(await runs()).toHaveLength(1);
    expect([harness.calls("one"), harness.calls("two")]).toEqual([one + 1, two + 1]);
    expect(await harness.leftovers()).toBe(0);
  },
);

test("race 32: a native start into a flow that is deleted before its gate reads the flow runs as if Sluice were not there", async () => {
  const machine = await attached("deleted-early");
  const gate = harness.traps.set(READS_FLOW);
  const arn = await machine.start({});
  await gate.caught;
  expect((await detach()).status).toBe(200);
  const path = `/flows/${harness.flowId}`;
  expect((await harness.environment.admin.call("DELETE", path)).status).toBe(204);
  gate.go();
  expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: '{"one":1,"two":1}' });
  expect(await runs()).toEqual([]);
});

test("race 38: a machine that is overwritten while runs are parked in its old text lets them finish, and is not paused", async () => {
  const run = await harness.inStepOne();
  const machine = new Team(harness.environment.url).machine(harness.flowId);
  expect((await harness.onFlow("pause")).status).toBe(200);
  release("one");
  await harness.parked(run);
  const theirs = chain({ two: task("two") });
  await machine.overwrite(theirs);
  expect(await flow()).toMatchObject({ status: "paused", drift: true });
  expect((await harness.onFlow("resume")).status).toBe(200);
  await harness.until(run, "completed");
  expect((await harness.onFlow("pause")).body).toMatchObject({ code: "flow_drifted" });
  expect((await detach()).status).toBe(200);
  expect(JSON.parse(await machine.text())).toEqual(theirs);
  expect(await harness.leftovers()).toBe(0);
});

test.each([
  ["before its first gate reads the flow", "on-its-way", READS_FLOW, 0],
  ["before its first gate creates the run", "nearly-there", MAKES_RUN, 1],
] as const)(
  "race 38: a flow that is detached while an execution is on its way, %s, breaks nobody",
  async (_when, flowId, place, known) => {
    const machine = await attached(flowId);
    const gate = harness.traps.set(place);
    const arn = await machine.start({ n: 1 });
    await gate.caught;
    expect((await detach()).status).toBe(200);
    gate.go();
    expect(await machine.ended(arn)).toMatchObject({
      status: "SUCCEEDED",
      output: '{"n":1,"one":1,"two":1}',
    });
    await eventually(async () => (await runs()).every(({ status }) => status === "completed") || undefined);
    expect(await runs()).toHaveLength(known);
    // The next execution has no gates.
    const next = await machine.start({});
    await machine.ended(next);
    expect(await machine.entered(next)).toEqual(["one", "two"]);
    expect(await harness.leftovers()).toBe(0);
  },
);

test("race 45: an alias of an attached machine has the text that it was published with, and starts no run", async () => {
  harness.flowId = "aliased";
  const team = new Team(harness.environment.url);
  const machine = await team.create(harness.flowId, tasks("one", "two"));
  const alias = await machine.alias("LIVE");
  const body = { stateMachineArn: machine.arn };
  const { report } = await harness.environment.admin.expect<{ report: { versions: string[] } }>(
    [200],
    "POST",
    `/flows/${harness.flowId}/attach`,
    body,
  );
  expect(report.versions).toEqual([`${machine.arn}:1`]);
  const arn = await alias.start({});
  expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
  expect(await machine.entered(arn)).toEqual(["one", "two"]);
  await machine.ended(await machine.start({}));
  await eventually(async () => (await runs()).length === 1 || undefined);
});

test("race 45: an execution that is redriven after its run was cancelled and deleted fails at its next gate", async () => {
  const run = await harness.inStepOne();
  const { executionArn = "" } = await harness.now(run);
  const team = new Team(harness.environment.url);
  const machine = team.machine(harness.flowId);
  expect((await harness.act(run, "cancel")).status).toBe(200);
  release("one");
  await machine.ended(executionArn);
  const path = `/runs/${run.runId}`;
  expect((await harness.environment.admin.call("DELETE", path)).status).toBe(204);
  await harness.settled();
  const [one, two] = [harness.calls("one"), harness.calls("two")];
  await team.client.send(new RedriveExecutionCommand({ executionArn }));
  expect(await machine.ended(executionArn)).toMatchObject({ status: "FAILED", error: "Sluice.RunIsOver" });
  expect([harness.calls("one"), harness.calls("two")]).toEqual([one + 1, two]);
  expect((await harness.environment.admin.call("GET", path)).status).toBe(404);
});

/** A run of an execution that others have started, parked before its second step, and the request that sends it there. */
const leaving = async (): Promise<{
  readonly run: Run;
  readonly leave: () => Promise<{ status: number }>;
}> => {
  const run = await harness.inStepOne();
  await harness.act(run, "pause");
  release("one");
  await harness.parked(run);
  const body = { at: "two", input: { moved: true }, detach: true };
  return { run, leave: () => harness.environment.admin.act(run.runId, "resume", body) };
};
const ARRIVES = { ...GATE, operation: "UpdateItem", about: '"arrived"' };

test("race 33: the gate that leads a run to its place dies, is called again, and once more after the run has gone on", async () => {
  const { run, leave } = await leaving();
  const [one, two] = [harness.calls("one"), harness.calls("two")];
  harness.environment.functions.block("two");
  const gate = harness.traps.set(ARRIVES);
  expect((await leave()).status).toBe(200);
  await gate.caught;
  const first = harness.traps.lastEvent("sluice-gate");
  gate.kill();
  await harness.environment.admin.advance("PT1M");
  await eventually(() => harness.calls("two") > two || undefined);
  await harness.deliver("sluice-gate", first);
  expect(await harness.now(run)).toMatchObject({ status: "running", currentStep: "two" });
  release("two");
  expect(await harness.until(run, "completed")).toMatchObject({ output: { moved: true, two: 1 } });
  await harness.deliver("sluice-gate", first);
  expect([harness.calls("one"), harness.calls("two")]).toEqual([one, two + 1]);
  const steps = await harness.environment.admin.steps(run.runId);
  expect(steps.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(await harness.leftovers()).toBe(0);
});

test("race 38: a definition that is attached while a run is on its way to its place fails it, and repeats no step", async () => {
  const { run, leave } = await leaving();
  const machine = new Team(harness.environment.url).machine(harness.flowId);
  const starting = harness.traps.set({ functionName: "sluice-control", operation: "StartExecution" });
  const left = leave();
  await starting.caught;
  const calls = [harness.calls("one"), harness.calls("two")];
  await machine.overwrite(chain({ one: task("one"), middle: task("one"), two: task("two") }));
  const body = { stateMachineArn: machine.arn };
  await harness.environment.admin.expect([200], "POST", `/flows/${harness.flowId}/attach`, body);
  starting.go();
  expect((await left).status).toBe(200);
  expect((await harness.until(run, "failed")).error).toMatchObject({ error: "Sluice.NotARun" });
  expect([harness.calls("one"), harness.calls("two")]).toEqual(calls);
  expect(await harness.leftovers()).toBe(0);
});
