import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FLOW_KINDS } from "../../harness/stack/flow-kinds.ts";
import { RaceHarness } from "./race-harness.ts";

describe.each(FLOW_KINDS)("a resume elsewhere, in a flow that is %s:", (kind) => {
  let harness: RaceHarness;
  beforeAll(async () => {
    harness = await RaceHarness.start(kind);
  });
  afterAll(() => harness.close());
  afterEach(async () => expect(await harness.violations()).toEqual([]));

  const CONTROL = { functionName: "sluice-control" };
  const CLOSED = "sluice-execution-closed";
  const WRITE = { ...CONTROL, operation: "UpdateItem", about: '"entry"' };

  /** A run that is parked before its second step. */
  const parked = async (): Promise<Run> => {
    const run = await harness.inStepOne();
    await harness.act(run, "pause");
    harness.environment.functions.release("one");
    await harness.parked(run);
    return run;
  };
  const sendTo = (run: Run, body: JsonObject) =>
    harness.environment.admin.act(
      run.runId,
      "resume",
      kind === "attached" ? { ...body, detach: true } : body,
    );
  const deliver = async (name: string): Promise<void> => {
    const event = harness.traps.lastEvent(name);
    if (event === undefined) return;
    await (name === CLOSED ? harness.environment.invoke(name, event) : harness.deliver(name, event));
  };

  test("a late park, gate and closing event of the old execution change nothing", async () => {
    const run = await parked();
    const starting = harness.traps.set({ ...CONTROL, operation: "StartExecution" });
    const moved = sendTo(run, { at: "two", input: { moved: true } });
    await starting.caught;
    await deliver("sluice-gate");
    await deliver("sluice-park");
    starting.go();
    expect((await moved).status).toBe(200);
    await harness.until(run, "completed");
    await deliver(CLOSED);
    expect(await harness.now(run)).toMatchObject({ status: "completed", output: { moved: true, two: 1 } });
    expect(await harness.leftovers()).toBe(0);
  });

  test("the end of the old execution before the new one starts does not end the run", async () => {
    const run = await parked();
    const starting = harness.traps.set({ ...CONTROL, operation: "StartExecution" });
    const moved = sendTo(run, { at: "two" });
    await starting.caught;
    await harness.environment.stopExecution(run.executionArn);
    await eventually(() => harness.traps.lastEvent(CLOSED) !== undefined || undefined);
    await deliver(CLOSED);
    expect(await harness.now(run)).toMatchObject({ status: "running" });
    starting.go();
    expect((await moved).status).toBe(200);
    await harness.until(run, "completed");
    expect(await harness.leftovers()).toBe(0);
  });

  test("a write whose answer was lost counts as made when the SDK repeats it", async () => {
    const run = await parked();
    const before = harness.calls("two");
    const writing = harness.traps.set(WRITE);
    const moved = sendTo(run, { at: "two", input: { sent: "once" } });
    await writing.caught;
    const error = "InternalServerError"; // which the SDK retries
    const lost = { service: "dynamodb", operation: "UpdateItem", when: "after", times: 1, error };
    await harness.environment.admin.expect([200, 201, 204], "POST", "/local/faults", lost);
    writing.go();
    expect((await moved).status).toBe(200);
    expect(await harness.until(run, "completed")).toMatchObject({ output: { sent: "once", two: 1 } });
    expect(harness.calls("two")).toBe(before + 1);
    const audit = await harness.environment.admin.audit(run.runId);
    expect(audit.filter(({ action }) => action === "resume")).toHaveLength(1);
  });

  test("of two at once, one decides where the run goes on, with its own input", async () => {
    const run = await parked();
    const before = harness.calls("two");
    const writing = harness.traps.set(WRITE);
    const first = sendTo(run, { at: "two", input: { by: "first" } });
    await writing.caught;
    const second = await sendTo(run, { at: "two", input: { by: "second" } });
    expect(second.status).toBe(200);
    writing.go();
    expect((await first).body).toMatchObject({ status: 409 });
    expect(await harness.until(run, "completed")).toMatchObject({ output: { by: "second", two: 1 } });
    expect(harness.calls("two")).toBe(before + 1);
  });

  test("a cancel before its write wins, and one after it ends the run before its next step", async () => {
    const first = await parked();
    const before = harness.calls("two");
    const writing = harness.traps.set(WRITE);
    const moved = sendTo(first, { at: "two" });
    await writing.caught;
    expect((await harness.act(first, "cancel")).status).toBe(200);
    writing.go();
    expect((await moved).body).toMatchObject({ code: "run_already_terminal" });

    const second = await parked();
    const starting = harness.traps.set({ ...CONTROL, operation: "StartExecution" });
    const late = sendTo(second, { at: "two" });
    await starting.caught;
    expect((await harness.act(second, "cancel")).status).toBe(200);
    starting.go();
    await late;
    await harness.settled();
    for (const run of [first, second]) {
      await harness.stopped(run);
      expect(await harness.now(run)).toMatchObject({ status: "cancelled" });
    }
    expect(harness.calls("two")).toBe(before);
    expect(await harness.leftovers()).toBe(0);
  });

  test("the flow's hold stops it at its first gate, and the old execution does not outlive it", async () => {
    const run = await parked();
    await harness.onFlow("pause");
    // The process dies between the write and all that follows. The sweeper starts the one and stops the other execution.
    const starting = harness.traps.set({ ...CONTROL, operation: "StartExecution" });
    const moved = sendTo(run, { version: "same" });
    await starting.caught;
    starting.kill();
    await moved;
    await harness.environment.admin.advance("PT10M");
    const held = await harness.now(run);
    expect(held).toMatchObject({ status: "paused", pausedBy: { kind: "flow" } });
    const { running } = await harness.environment.ledger.read();
    expect(running.filter((name) => name.includes(run.runId))).toHaveLength(1);
    await harness.onFlow("resume");
    await harness.settled();
    await harness.until(run, "completed");
  });
});
