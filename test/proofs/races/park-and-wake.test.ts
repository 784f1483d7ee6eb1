import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { FLOW_KINDS } from "../../harness/stack/flow-kinds.ts";
import { visitOf } from "../harness/event-visit.ts";
import { RaceHarness } from "./race-harness.ts";

let harness: RaceHarness;
beforeAll(async () => {
  harness = await RaceHarness.start();
});
afterAll(() => harness.close());
afterEach(async () => expect(await harness.violations()).toEqual([]));
const release = (name: string) => harness.environment.functions.release(name);

const DECIDES_TWO = { functionName: "sluice-gate", operation: "UpdateItem", about: '"name":"two"' };
const ANNOUNCES_PARK = { functionName: "sluice-park", operation: "UpdateItem", about: "unparked" };
const READS_HOLD = { functionName: "sluice-gate", operation: "GetItem", about: '"SK":"HOLD"' };

describe.each(FLOW_KINDS)("the runs of %s flows", (kind) => {
  beforeEach(() => {
    harness.kind = kind;
  });

  test("race 01: when a gate parks while a resume finds no park, its token is still sent", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    await harness.act(run, "pause");
    const parking = harness.traps.set({ functionName: "sluice-park", operation: "PutItem" });
    release("one");
    await parking.caught;
    expect((await harness.act(run, "resume")).status).toBe(200);
    parking.go();
    await harness.until(run, "completed");
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 01: a resume that finds nothing parked refuses a later park", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    await harness.act(run, "pause");
    const announcing = harness.traps.set(ANNOUNCES_PARK);
    release("one");
    await announcing.caught;
    expect((await harness.act(run, "resume")).status).toBe(200);
    announcing.go();
    await harness.until(run, "completed");
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 01: a resume that read the run before its first park reads it again and wakes it", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    await harness.act(run, "pause");
    const resuming = harness.traps.set({ functionName: "sluice-control", operation: "UpdateItem" });
    const resumed = harness.act(run, "resume");
    await resuming.caught;
    release("one");
    await harness.parked(run);
    resuming.go();
    expect((await resumed).status).toBe(200);
    await harness.until(run, "completed");
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 03: a run's pause that is acknowledged before the gate's write stops the step", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    const deciding = harness.traps.set(DECIDES_TWO);
    release("one");
    await deciding.caught;
    expect((await harness.act(run, "pause")).status).toBe(200);
    deciding.go();
    await harness.parked(run);
    expect(harness.calls("two")).toBe(before);
    await harness.act(run, "resume");
    await harness.until(run, "completed");
  });

  test("race 03: a run's pause after the gate's write lets that step run, and no other", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    const decided = harness.traps.set({
      functionName: "sluice-gate",
      operation: "PutItem",
      about: '"name":"two"',
    });
    release("one");
    await decided.caught;
    expect((await harness.act(run, "pause")).status).toBe(200);
    decided.go();
    await harness.parked(run);
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.now(run)).toMatchObject({ status: "paused", pausedBy: { kind: "user" } });
    await harness.act(run, "resume");
    await harness.until(run, "completed");
  });

  test.each([
    ["before the gate reads the hold", READS_HOLD, 0],
    ["after the gate has read the hold", DECIDES_TWO, 1],
  ] as const)("race 03: a flow's pause that is acknowledged %s", async (_when, place, started) => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    const gate = harness.traps.set(place);
    release("one");
    await gate.caught;
    expect((await harness.onFlow("pause")).status).toBe(200);
    gate.go();
    if (started === 0) await harness.parked(run);
    else await harness.until(run, "completed");
    expect(harness.calls("two")).toBe(before + started);
    expect((await harness.onFlow("resume")).status).toBe(200);
    await harness.until(run, "completed");
  });

  test("race 04: a gate's call that is repeated after the release parks nothing and changes nothing", async () => {
    const run = await harness.inStepOne();
    await harness.act(run, "pause");
    harness.environment.functions.block("two");
    const before = harness.calls("two");
    release("one");
    await harness.parked(run);
    const gate = harness.traps.lastEvent("sluice-gate") as JsonObject;
    const park = harness.traps.lastEvent("sluice-park") as JsonObject;
    expect(visitOf(gate)).toMatchObject({ state: "two" });
    const again = async () => {
      await harness.deliver("sluice-gate", gate);
      await harness.deliver("sluice-park", park);
      return harness.now(run);
    };

    await harness.act(run, "resume");
    await harness.environment.admin.until(run.runId, ({ currentStep }) => currentStep === "two");
    const running = await harness.now(run);
    expect(await again()).toMatchObject({ status: "running", rev: running.rev });
    expect(await harness.leftovers()).toBe(0);

    await harness.act(run, "pause");
    const paused = await harness.now(run);
    expect(await again()).toMatchObject({ status: "paused", rev: paused.rev });
    release("two");
    await harness.parked(run);
    await harness.act(run, "resume");
    const completed = await harness.until(run, "completed");
    expect(await again()).toMatchObject({ status: "completed", rev: completed.rev });
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 19: a token of an attempt that died completes nothing and does no harm", async () => {
    const run = await harness.inStepOne();
    const before = harness.calls("two");
    await harness.act(run, "pause");
    const stored = harness.traps.set({
      functionName: "sluice-park",
      operation: "GetItem",
      about: '"SK":"RUN"',
      nth: 2,
    });
    release("one");
    await stored.caught;
    stored.kill();
    // Step Functions repeats the park with a new token as soon as it learns of the death.
    await eventually(async () => {
      await harness.environment.admin.advance("PT1M");
      return (await leftovers(harness.environment.url)).length > 1 || undefined;
    });
    await harness.parked(run);
    const parks = (await leftovers(harness.environment.url)).length;
    expect(parks).toBe(2);
    await harness.act(run, "resume");
    await harness.until(run, "completed");
    expect(harness.calls("two")).toBe(before + 1);
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 26: a slow resume does not clear the intent of a later one that died", async () => {
    const run = await harness.inStepOne();
    harness.environment.functions.block("two");
    const before = harness.calls("two");
    await harness.act(run, "pause");
    release("one");
    await harness.parked(run);
    const clearing = harness.traps.set({
      functionName: "sluice-control",
      operation: "UpdateItem",
      about: "intent.id",
    });
    const first = harness.act(run, "resume");
    await clearing.caught;
    await eventually(() => harness.calls("two") > before || undefined);
    expect((await harness.act(run, "pause")).status).toBe(200);
    release("two");
    await harness.parked(run);
    const waking = harness.traps.set({ functionName: "sluice-control", operation: "Query" });
    const second = harness.act(run, "resume");
    await waking.caught;
    waking.kill();
    expect((await second).status).toBe(500);
    clearing.go();
    expect((await first).status).toBe(200);
    expect((await harness.now(run)).status).toBe("running");
    await harness.environment.admin.advance("PT2M");
    await harness.until(run, "completed");
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 28: a gate that reads the hold before the flow's resume and writes after it does not wait", async () => {
    const run = await harness.inStepOne();
    await harness.onFlow("pause");
    const read = harness.traps.set({
      functionName: "sluice-gate",
      operation: "GetItem",
      about: '"SK":"RUN"',
    });
    release("one");
    await read.caught;
    expect((await harness.onFlow("resume")).status).toBe(200);
    await harness.settled();
    read.go();
    const done = await harness.until(run, "completed");
    const moves = (await harness.environment.admin.audit(done.runId))
      .map(({ action }) => action)
      .toReversed();
    expect(moves).toEqual(["dispatch", "begin", "hold", "release", "complete"]);
    expect(await harness.leftovers()).toBe(0);
  });
});
