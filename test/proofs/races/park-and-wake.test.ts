import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { eventually } from "../../support/client.ts";
import { RaceRig } from "./rig.ts";

let rig: RaceRig;
beforeAll(async () => {
  rig = await RaceRig.start();
});
afterAll(() => rig.close());
afterEach(async () => expect(await rig.wrong()).toEqual([]));
const release = (name: string) => rig.proof.functions.release(name);

const DECIDES_TWO = { functionName: "sluice-gate", operation: "UpdateItem", about: '"name":"two"' };
const ANNOUNCES_PARK = { functionName: "sluice-park", operation: "UpdateItem", about: "unparked" };
const READS_HOLD = { functionName: "sluice-gate", operation: "GetItem", about: '"SK":"HOLD"' };

test("race 01: a gate parks while a resume finds no park: its token is sent all the same", async () => {
  const run = await rig.inStepOne();
  await rig.act(run, "pause");
  const parking = rig.traps.set({ functionName: "sluice-park", operation: "PutItem" });
  release("one");
  await parking.caught;
  expect((await rig.act(run, "resume")).status).toBe(200);
  parking.go();
  await rig.until(run, "completed");
  expect(rig.calls("two")).toBe(rig.calls("one"));
  expect(await rig.left()).toBe(0);
});

test("race 01: a resume that finds that nothing was ever parked refuses the park that comes after it", async () => {
  const run = await rig.inStepOne();
  await rig.act(run, "pause");
  const announcing = rig.traps.set(ANNOUNCES_PARK);
  release("one");
  await announcing.caught;
  expect((await rig.act(run, "resume")).status).toBe(200);
  announcing.go();
  await rig.until(run, "completed");
  expect(rig.calls("two")).toBe(rig.calls("one"));
  expect(await rig.left()).toBe(0);
});

test("race 01: a resume that read the run before its first park reads it anew, and wakes", async () => {
  const run = await rig.inStepOne();
  await rig.act(run, "pause");
  const resuming = rig.traps.set({ functionName: "sluice-control", operation: "UpdateItem" });
  const resumed = rig.act(run, "resume");
  await resuming.caught;
  release("one");
  await rig.parked(run);
  resuming.go();
  expect((await resumed).status).toBe(200);
  await rig.until(run, "completed");
  expect(rig.calls("two")).toBe(rig.calls("one"));
  expect(await rig.left()).toBe(0);
});

test("race 03: a run's pause that is acknowledged before the gate's write keeps the step back", async () => {
  const run = await rig.inStepOne();
  const before = rig.calls("two");
  const deciding = rig.traps.set(DECIDES_TWO);
  release("one");
  await deciding.caught;
  expect((await rig.act(run, "pause")).status).toBe(200);
  deciding.go();
  await rig.parked(run);
  expect(rig.calls("two")).toBe(before);
  await rig.act(run, "resume");
  await rig.until(run, "completed");
});

test("race 03: a run's pause that comes after the gate's write leaves that step, and no other", async () => {
  const run = await rig.inStepOne();
  const before = rig.calls("two");
  const decided = rig.traps.set({ functionName: "sluice-gate", operation: "PutItem", about: '"name":"two"' });
  release("one");
  await decided.caught;
  expect((await rig.act(run, "pause")).status).toBe(200);
  decided.go();
  await rig.parked(run);
  expect(rig.calls("two")).toBe(before + 1);
  expect(await rig.now(run)).toMatchObject({ status: "paused", pausedBy: { kind: "user" } });
  await rig.act(run, "resume");
  await rig.until(run, "completed");
});

test.each([
  ["before the gate reads the hold", READS_HOLD, 0],
  ["after the gate has read the hold", DECIDES_TWO, 1],
] as const)("race 03: a flow's pause that is acknowledged %s", async (_when, place, started) => {
  const run = await rig.inStepOne();
  const before = rig.calls("two");
  const gate = rig.traps.set(place);
  release("one");
  await gate.caught;
  expect((await rig.onFlow("pause")).status).toBe(200);
  gate.go();
  if (started === 0) await rig.parked(run);
  else await rig.until(run, "completed");
  expect(rig.calls("two")).toBe(before + started);
  expect((await rig.onFlow("resume")).status).toBe(200);
  await rig.until(run, "completed");
});

test("race 04: a gate's call that comes again after the release parks nothing and moves nothing", async () => {
  const run = await rig.inStepOne();
  await rig.act(run, "pause");
  rig.proof.functions.block("two");
  const before = rig.calls("two");
  release("one");
  await rig.parked(run);
  const gate = rig.traps.lastEvent("sluice-gate") as JsonObject;
  const park = rig.traps.lastEvent("sluice-park") as JsonObject;
  expect(gate["state"]).toBe("two");
  const again = async () => {
    await rig.proof.invoke("sluice-gate", gate);
    await rig.proof.invoke("sluice-park", park);
    return rig.now(run);
  };

  await rig.act(run, "resume");
  await rig.proof.admin.until(run.runId, ({ currentStep }) => currentStep === "two");
  const running = await rig.now(run);
  expect(await again()).toMatchObject({ status: "running", rev: running.rev });
  expect(await rig.left()).toBe(0);

  await rig.act(run, "pause");
  const paused = await rig.now(run);
  expect(await again()).toMatchObject({ status: "paused", rev: paused.rev });
  release("two");
  await rig.parked(run);
  await rig.act(run, "resume");
  const completed = await rig.until(run, "completed");
  expect(await again()).toMatchObject({ status: "completed", rev: completed.rev });
  expect(rig.calls("two")).toBe(before + 1);
  expect(await rig.left()).toBe(0);
});

test("race 19: a token of an attempt that died settles nothing and harms nothing", async () => {
  const run = await rig.inStepOne();
  await rig.act(run, "pause");
  const stored = rig.traps.set({
    functionName: "sluice-park",
    operation: "GetItem",
    about: '"SK":"RUN"',
    nth: 2,
  });
  release("one");
  await stored.caught;
  stored.kill();
  await rig.settled();
  await rig.proof.admin.advance("PT1M"); // Step Functions tries the park again, on a token of its own
  await rig.parked(run);
  const parks = (await leftovers(rig.proof.url)).length;
  expect(parks).toBe(2);
  await rig.act(run, "resume");
  await rig.until(run, "completed");
  expect(rig.calls("two")).toBe(rig.calls("one"));
  expect(await rig.left()).toBe(0);
});

test("race 26: a resume that was slow does not clear the intent of a later one that died", async () => {
  const run = await rig.inStepOne();
  rig.proof.functions.block("two");
  const before = rig.calls("two");
  await rig.act(run, "pause");
  release("one");
  await rig.parked(run);
  const clearing = rig.traps.set({
    functionName: "sluice-control",
    operation: "UpdateItem",
    about: "intent.id",
  });
  const first = rig.act(run, "resume");
  await clearing.caught;
  await eventually(() => rig.calls("two") > before || undefined);
  expect((await rig.act(run, "pause")).status).toBe(200);
  release("two");
  await rig.parked(run);
  const waking = rig.traps.set({ functionName: "sluice-control", operation: "Query" });
  const second = rig.act(run, "resume");
  await waking.caught;
  waking.kill();
  expect((await second).status).toBe(500);
  clearing.go();
  expect((await first).status).toBe(200);
  expect((await rig.now(run)).status).toBe("running");
  await rig.proof.admin.advance("PT2M");
  await rig.until(run, "completed");
  expect(await rig.left()).toBe(0);
});

test("race 28: a gate that read the hold before the flow's resume, and writes after it, waits for nobody", async () => {
  const run = await rig.inStepOne();
  await rig.onFlow("pause");
  const read = rig.traps.set({ functionName: "sluice-gate", operation: "GetItem", about: '"SK":"RUN"' });
  release("one");
  await read.caught;
  expect((await rig.onFlow("resume")).status).toBe(200);
  await rig.settled();
  read.go();
  const done = await rig.until(run, "completed");
  const moves = (await rig.proof.admin.audit(done.runId)).map(({ action }) => action).toReversed();
  expect(moves).toEqual(["dispatch", "begin", "hold", "release", "complete"]);
  expect(await rig.left()).toBe(0);
});
