import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../shared/model/json.ts";
import { RaceRig } from "./rig.ts";

let rig: RaceRig;
beforeAll(async () => {
  rig = await RaceRig.start();
});
afterAll(() => rig.close());
const release = (name: string) => rig.proof.functions.release(name);

const CONTROL = { functionName: "sluice-control" };
const COMPLETES = { functionName: "sluice-gate", operation: "UpdateItem", about: "completed" };

test("race 14: a cancel that comes before the last gate's write is the end; what comes late changes nothing", async () => {
  const run = await rig.inStepOne();
  const completing = rig.traps.set(COMPLETES);
  release("one");
  await completing.caught;
  const cancelled = await rig.act(run, "cancel");
  expect(cancelled.status).toBe(200);
  completing.go();
  await rig.settled();
  await rig.proof.invoke("sluice-gate", rig.traps.lastEvent("sluice-gate") as JsonObject);
  expect(await rig.now(run)).toMatchObject({ status: "cancelled", rev: cancelled.body["rev"] });
});

test("race 14: a cancel that comes after it is told that the run is completed", async () => {
  const run = await rig.inStepOne();
  const cancelling = rig.traps.set({ ...CONTROL, operation: "UpdateItem" });
  const cancel = rig.act(run, "cancel");
  await cancelling.caught;
  release("one");
  const { rev } = await rig.until(run, "completed");
  cancelling.go();
  expect(await cancel).toMatchObject({ status: 409, body: { code: "run_already_terminal" } });
  await rig.settled();
  expect(await rig.now(run)).toMatchObject({ status: "completed", rev });
});

/** The call that is held, of whom; the other one goes on meanwhile and has this answer. */
const ORDERS = [
  ["the resume has written, its token not sent", "resume", "SendTaskSuccess", 200, 200],
  ["the resume has read, and not written", "resume", "UpdateItem", 200, 409],
  ["the cancel has written, the execution not stopped", "cancel", "StopExecution", 409, 200],
  ["the cancel has read, and not written", "cancel", "UpdateItem", 200, 200],
] as const;
test.each(ORDERS)(
  "race 15: cancel, resume and a parked token: %s",
  async (_name, slow, operation, other, own) => {
    const run = await rig.inStepOne();
    await rig.act(run, "pause");
    rig.proof.functions.block("two");
    release("one");
    await rig.parked(run);
    const held = rig.traps.set({ ...CONTROL, operation });
    const slowly = rig.act(run, slow);
    await held.caught;
    const rival = slow === "resume" ? "cancel" : "resume";
    expect((await rig.act(run, rival)).status).toBe(other);
    const begun = rig.calls("two");
    held.go();
    expect((await slowly).status).toBe(own);
    release("two");
    await rig.settled();
    expect((await rig.now(run)).status).toBe("cancelled");
    if (slow === "resume") expect(rig.calls("two")).toBe(begun);
    expect(await rig.left()).toBe(0);
  },
);

test("race 08: a pause that dies before its write leaves a schedule that does nothing", async () => {
  const run = await rig.inStepOne();
  const holding = rig.traps.set({ functionName: "sluice-holds", operation: "TransactWriteItems" });
  const pause = rig.onFlow("pause");
  await holding.caught;
  holding.kill();
  expect((await pause).status).toBe(500);
  release("one");
  await rig.until(run, "completed");
  const path = `/flows/${rig.flowId}`;
  const { rev } = await rig.proof.admin.expect<{ rev: number }>([200], "GET", path);
  await rig.proof.admin.advance("P14DT1M");
  expect(await rig.proof.admin.expect([200], "GET", path)).toMatchObject({ status: "active", rev });
});

test("race 08: a pause that dies after its write ends by its time", async () => {
  await rig.inStepOne();
  release("one");
  const warning = rig.traps.set({
    functionName: "sluice-holds",
    operation: "CreateSchedule",
    about: "warn-",
  });
  const pause = rig.onFlow("pause");
  await warning.caught;
  warning.kill();
  expect((await pause).status).toBe(500);
  const path = `/flows/${rig.flowId}`;
  await rig.proof.admin.advance("P13DT23H59M");
  expect(await rig.proof.admin.expect([200], "GET", path)).toMatchObject({ status: "paused" });
  await rig.proof.admin.advance("PT2M");
  expect(await rig.proof.admin.expect([200], "GET", path)).toMatchObject({ status: "active" });
});

/** Four actions, each on the hold that `who` has, lifting it if it stands: every order that the table allows. */
const HOLDERS = ["run", "flow"] as const;
type Holder = (typeof HOLDERS)[number];
const sequences = Array.from({ length: 16 }, (_, bits) =>
  Array.from({ length: 4 }, (_, place) => HOLDERS[(bits >> place) & 1] as Holder),
);

test("race 18: a run's pause and its flow's hold are two: all orders, each delivered twice, against a model", async () => {
  const first = await rig.inStepOne();
  release("one");
  await rig.until(first, "completed");
  for (const sequence of sequences) {
    const run = await rig.another();
    const two = rig.calls("two");
    const stands: Record<Holder, boolean> = { run: false, flow: false };
    const toggle = async (who: Holder): Promise<void> => {
      const action = stands[who] ? "resume" : "pause";
      const call = () => (who === "run" ? rig.act(run, action) : rig.onFlow(action));
      const told = [(await call()).status, (await call()).status];
      expect([sequence, who, action, told]).toEqual([sequence, who, action, [200, 409]]);
      stands[who] = !stands[who];
      await rig.settled();
    };
    // The first two come while the step is in progress, the others where the run stands, if it does.
    for (const who of sequence.slice(0, 2)) await toggle(who);
    release("one");
    await rig.settled();
    for (const who of sequence.slice(2)) {
      const over = (await rig.now(run)).status === "completed";
      if (over && who === "run") break;
      await toggle(who);
    }
    const now = await rig.now(run);
    const holder = stands.run ? "user" : stands.flow ? "flow" : undefined;
    if (now.status !== "completed") {
      expect([sequence, now.status, now.pausedBy?.kind]).toEqual([sequence, "paused", holder]);
      expect(rig.calls("two")).toBe(two);
    } else expect([sequence, holder === "user"]).toEqual([sequence, false]);
    for (const who of HOLDERS) if (stands[who]) await toggle(who);
    await rig.until(run, "completed");
    expect(rig.calls("two")).toBe(two + 1);
  }
}, 60_000);
