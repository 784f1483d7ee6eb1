import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { isPark, leftovers } from "../../harness/ledger/stored-items.ts";
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
const runs = () => harness.runs();

const MAKES_RUN = { functionName: "sluice-gate", operation: "TransactWriteItems" };

const stored = () => leftovers(harness.environment.url);

/** Three branches of two steps each, whose handlers would take every error. */
const FANNED = chain({
  fan: {
    Type: "Parallel",
    Branches: [1, 2, 3].map((n) => chain({ [`one ${n}`]: task("one"), [`two ${n}`]: task("two") })),
    Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3 }],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "two" }],
    ResultPath: null,
  },
  two: task("two"),
});
/** The run of an execution that others started, with all three branches inside `one`. */
const fanned = async (flowId: string): Promise<Run> => {
  harness.flowId = flowId;
  await harness.attach(FANNED);
  harness.environment.functions.block("one");
  const before = harness.calls("one");
  const run = await harness.start();
  await eventually(() => harness.calls("one") === before + 3 || undefined);
  return run;
};

test("race 02: the sweeper wakes the branches of a native run whose resume died between two tokens", async () => {
  const two = harness.calls("two");
  const run = await fanned("half-woken");
  await harness.act(run, "pause");
  release("one");
  await harness.parked(run);
  await eventually(async () => (await stored()).filter(isPark).length === 3 || undefined);
  const sending = harness.traps.set({ functionName: "sluice-control", operation: "SendTaskSuccess", nth: 2 });
  const resumed = harness.act(run, "resume").catch(() => undefined);
  await sending.caught;
  sending.kill();
  await resumed;
  await harness.environment.admin.advance("PT10M");
  await harness.until(run, "completed");
  expect(harness.calls("two")).toBe(two + 4);
  expect(await harness.leftovers()).toBe(0);
});

/** The next call of Step Functions for this takes effect, and its answer is lost. */
const loseAnswer = (operation: string) =>
  harness.environment.admin.expect([200], "POST", "/local/faults", {
    ...{ service: "states", operation, when: "after", times: 1, error: "InternalFailure" },
  });

test("race 05: a native run whose branches are woken although an answer to a token is lost does not fail", async () => {
  const two = harness.calls("two");
  const run = await fanned("woken-unheard");
  await harness.act(run, "pause");
  release("one");
  await harness.parked(run);
  await eventually(async () => (await stored()).filter(isPark).length === 3 || undefined);
  await loseAnswer("SendTaskSuccess");
  expect((await harness.act(run, "resume")).status).toBe(200);
  await harness.until(run, "completed");
  expect(harness.calls("two")).toBe(two + 4);
  expect(await harness.leftovers()).toBe(0);
});

test("race 09: the answer to the start of an attached flow's run is lost, and the run has one execution", async () => {
  const machine = await attached("started-unheard");
  const [one, two] = [harness.calls("one"), harness.calls("two")];
  await loseAnswer("StartExecution");
  const run = await harness.environment.admin.dispatch(harness.flowId, {});
  expect(await harness.until(run, "completed")).toMatchObject({
    executionArn: `${machine.arn.replace(":stateMachine:", ":execution:")}:${run.runId}.1`,
  });
  await harness.environment.admin.advance("PT10M");
  expect([harness.calls("one"), harness.calls("two")]).toEqual([one + 1, two + 1]);
  expect(await harness.leftovers()).toBe(0);
});

test("race 06: the end of a hold, delivered twice, resumes a native start that waits for it, once", async () => {
  const machine = await attached("timed");
  const [one, two] = [harness.calls("one"), harness.calls("two")];
  const resumeAt = new Date(harness.environment.now() + 3_600_000).toISOString();
  expect((await harness.onFlow("pause", { resumeAt })).status).toBe(200);
  const arn = await machine.start({});
  await eventually(async () => (await runs())[0]?.parkedAt);
  await harness.environment.admin.advance("PT59M");
  expect(harness.calls("one")).toBe(one);
  await harness.environment.admin.advance("PT2M");
  expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
  await harness.environment.invoke("sluice-auto-resume", harness.traps.lastEvent("sluice-auto-resume"));
  await harness.settled();
  expect([harness.calls("one"), harness.calls("two")]).toEqual([one + 1, two + 1]);
  expect(await harness.leftovers()).toBe(0);
});

test("race 11: a native run whose execution is stopped outside while it is parked fails with the reason", async () => {
  const run = await harness.inStepOne();
  await harness.act(run, "pause");
  release("one");
  const { executionArn } = await harness.parked(run);
  await harness.environment.stopExecution(executionArn);
  expect((await harness.until(run, "failed")).error).toMatchObject({
    error: "Sluice.ExecutionAborted",
    cause: expect.stringContaining("Outside"),
  });
  expect(await harness.act(run, "resume")).toMatchObject({
    ...{ status: 409, body: { code: "run_already_terminal" } },
  });
  expect(await harness.leftovers()).toBe(0);
});

test("race 12: the time that a native run is paused does not count for its machine's TimeoutSeconds", async () => {
  const run = await harness.inStepOne({ TimeoutSeconds: 3_600 });
  await harness.act(run, "pause");
  release("one");
  await harness.parked(run);
  await harness.environment.admin.advance("P3D");
  expect((await harness.now(run)).status).toBe("paused");
  expect((await harness.act(run, "resume")).status).toBe(200);
  await harness.until(run, "completed");
});

test("race 22: the first gate of a native start is called again after a failure, and makes one run", async () => {
  const machine = await attached("throttled");
  const [one, two] = [harness.calls("one"), harness.calls("two")];
  const gate = harness.traps.set(MAKES_RUN);
  const arn = await machine.start({});
  await gate.caught;
  gate.fail();
  await harness.environment.admin.advance("PT5M");
  expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
  await eventually(async () => (await runs())[0]?.status === "completed" || undefined);
  expect(await runs()).toHaveLength(1);
  expect([harness.calls("one"), harness.calls("two")]).toEqual([one + 1, two + 1]);
});

test("race 23: the input of a native start, one byte less than 256 KiB, is its run's payload to the letter", async () => {
  harness.flowId = "large";
  const machine = await harness.attach(chain({ one: task("one", { Parameters: {}, ResultPath: null }) }));
  const input = { text: "é".repeat(131_066) };
  expect(Buffer.byteLength(JSON.stringify(input))).toBe(256 * 1_024 - 1);
  const arn = await machine.start(input);
  const { error, output = "" } = await machine.ended(arn);
  expect([error, output === JSON.stringify(input)]).toEqual([undefined, true]);
  const { runId } = await eventually(async () => (await runs())[0]);
  const run = await harness.environment.admin.untilStatus(runId, "completed");
  expect(run.payload).toEqual(input);
  expect(run.output).toEqual(input);
});

test("race 30: a cancelled native run ends at its branches' next gates, past their handlers, if its execution cannot be stopped", async () => {
  const run = await fanned("unstoppable");
  const two = harness.calls("two");
  const stopping = harness.traps.set({ functionName: "sluice-control", operation: "StopExecution" });
  const cancelled = harness.act(run, "cancel");
  await stopping.caught;
  stopping.fail();
  expect((await cancelled).status).toBe(200);
  release("one");
  const { executionArn = "" } = await harness.now(run);
  const machine = new Team(harness.environment.url).machine(harness.flowId);
  expect((await machine.ended(executionArn)).status).not.toBe("SUCCEEDED");
  expect(harness.calls("two")).toBe(two);
  expect(await harness.now(run)).toMatchObject({ status: "cancelled" });
  await harness.environment.admin.advance("PT10M");
  expect(await harness.leftovers()).toBe(0);
});
