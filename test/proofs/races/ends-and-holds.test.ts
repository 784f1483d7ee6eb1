import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { chain, task } from "../../harness/definitions.ts";
import { FLOW_KINDS } from "../../harness/stack/flow-kinds.ts";
import { RaceHarness } from "./race-harness.ts";

let harness: RaceHarness;
beforeAll(async () => {
  harness = await RaceHarness.start();
});
afterAll(() => harness.close());
afterEach(async () => expect(await harness.violations()).toEqual([]));
const release = (name: string) => harness.environment.functions.release(name);

const CONTROL = { functionName: "sluice-control" };
const COMPLETES = { functionName: "sluice-gate", operation: "UpdateItem", about: "completed" };

describe.each(FLOW_KINDS)("the runs of %s flows", (kind) => {
  beforeEach(() => {
    harness.kind = kind;
  });

  test("race 14: a cancel before the last gate's write ends the run, and later calls change nothing", async () => {
    const run = await harness.inStepOne();
    const completing = harness.traps.set(COMPLETES);
    release("one");
    await completing.caught;
    const cancelled = await harness.act(run, "cancel");
    expect(cancelled.status).toBe(200);
    completing.go();
    await harness.settled();
    await harness.deliver("sluice-gate", harness.traps.lastEvent("sluice-gate") as JsonObject);
    expect(await harness.now(run)).toMatchObject({ status: "cancelled", rev: cancelled.body["rev"] });
  });

  test("race 14: a cancel after the last gate's write is refused, since the run is completed", async () => {
    const run = await harness.inStepOne();
    const cancelling = harness.traps.set({ ...CONTROL, operation: "UpdateItem" });
    const cancel = harness.act(run, "cancel");
    await cancelling.caught;
    release("one");
    const { rev } = await harness.until(run, "completed");
    cancelling.go();
    expect(await cancel).toMatchObject({ status: 409, body: { code: "run_already_terminal" } });
    await harness.settled();
    expect(await harness.now(run)).toMatchObject({ status: "completed", rev });
  });

  test.each([
    ["is closed by its first gate", {}],
    ["is stopped by whoever started it, where its first step asks no gate", { Gate: "none" }],
  ] as const)("a run that is cancelled between its record and its start %s", async (how, Sluice) => {
    const before = harness.calls("one");
    harness.environment.functions.block("one");
    const flowId = `cancelled-early-${how.length}`;
    await harness.environment.admin.publish(
      flowId,
      chain({ one: task("one", { Sluice }), two: task("two") }),
    );
    const starting = harness.traps.set({ functionName: "sluice-dispatch", operation: "StartExecution" });
    const dispatched = harness.environment.admin.dispatch(flowId, {});
    await starting.caught;
    const { items } = await harness.environment.admin.expect<{ items: Run[] }>(
      [200],
      "GET",
      `/runs?flowId=${flowId}`,
    );
    const [run] = items as [Run];
    expect((await harness.act(run, "cancel")).status).toBe(200);
    starting.go();
    expect((await dispatched).status).toBe("pending");
    await harness.settled();
    release("one");
    await harness.settled();
    if (!("Gate" in Sluice)) expect(harness.calls("one")).toBe(before);
    await harness.stopped(run);
    expect(await harness.now(run)).toMatchObject({ status: "cancelled" });
    expect(await harness.leftovers()).toBe(0);
  });

  /** The slow action and its held call, with the answers to the other action and to the slow one. */
  const ORDERS = [
    ["the resume has written, its token not sent", "resume", "SendTaskSuccess", 200, 200],
    ["the resume has read, and not written", "resume", "UpdateItem", 200, 409],
    ["the cancel has written, the execution not stopped", "cancel", "StopExecution", 409, 200],
    ["the cancel has read, and not written", "cancel", "UpdateItem", 200, 200],
  ] as const;
  test.each(ORDERS)(
    "race 15: cancel, resume and a parked token: %s",
    async (_name, slow, operation, other, own) => {
      const run = await harness.inStepOne();
      await harness.act(run, "pause");
      harness.environment.functions.block("two");
      release("one");
      await harness.parked(run);
      const held = harness.traps.set({ ...CONTROL, operation });
      const slowly = harness.act(run, slow);
      await held.caught;
      const rival = slow === "resume" ? "cancel" : "resume";
      expect((await harness.act(run, rival)).status).toBe(other);
      const begun = harness.calls("two");
      held.go();
      expect((await slowly).status).toBe(own);
      release("two");
      await harness.settled();
      expect((await harness.now(run)).status).toBe("cancelled");
      if (slow === "resume") expect(harness.calls("two")).toBe(begun);
      expect(await harness.leftovers()).toBe(0);
    },
  );

  test("race 15: a park that a cancel cannot delete is left to the sweeper", async () => {
    const run = await harness.inStepOne();
    await harness.act(run, "pause");
    release("one");
    await harness.parked(run);
    const failures: unknown[] = [];
    const fails = (reason: unknown) => void failures.push(reason);
    process.on("unhandledRejection", fails);
    const looking = harness.traps.set({ ...CONTROL, operation: "Query", about: "#P#" });
    const forgetting = harness.traps.set({ ...CONTROL, operation: "DeleteItem" });
    const cancel = harness.act(run, "cancel");
    await looking.caught;
    forgetting.fail();
    await new Promise((resolve) => setImmediate(resolve));
    looking.go();
    expect((await cancel).status).toBe(200);
    process.off("unhandledRejection", fails);
    expect(failures).toEqual([]);
    await harness.environment.admin.advance("PT2M");
    expect(await harness.leftovers()).toBe(0);
  });

  test("race 08: a pause that dies before its write leaves a schedule without effect", async () => {
    const run = await harness.inStepOne();
    const holding = harness.traps.set({ functionName: "sluice-holds", operation: "TransactWriteItems" });
    const pause = harness.onFlow("pause");
    await holding.caught;
    holding.kill();
    expect((await pause).status).toBe(500);
    release("one");
    await harness.until(run, "completed");
    const path = `/flows/${harness.flowId}`;
    const { rev } = await harness.environment.admin.expect<{ rev: number }>([200], "GET", path);
    await harness.environment.admin.advance("P14DT1M");
    expect(await harness.environment.admin.expect([200], "GET", path)).toMatchObject({
      status: "active",
      rev,
    });
  });

  test("race 08: a pause that dies after its write ends at its time", async () => {
    await harness.inStepOne();
    release("one");
    const counting = harness.traps.set({ functionName: "sluice-holds", operation: "Query" });
    const pause = harness.onFlow("pause");
    await counting.caught;
    counting.kill();
    expect((await pause).status).toBe(500);
    const path = `/flows/${harness.flowId}`;
    await harness.environment.admin.advance("P13DT23H59M");
    expect(await harness.environment.admin.expect([200], "GET", path)).toMatchObject({ status: "paused" });
    await harness.environment.admin.advance("PT2M");
    expect(await harness.environment.admin.expect([200], "GET", path)).toMatchObject({ status: "active" });
  });

  test("race 08: a pause creates its warning before it holds the flow, so that no resume leaves the warning over", async () => {
    await harness.inStepOne();
    release("one");
    const about = "warn-";
    const warning = harness.traps.set({ functionName: "sluice-holds", operation: "CreateSchedule", about });
    const pause = harness.onFlow("pause");
    await warning.caught;
    const early = await harness.onFlow("resume");
    expect([early.status, early.body["code"]]).toEqual([409, "action_not_allowed"]);
    warning.go();
    expect((await pause).status).toBe(200);
    const warnings = async () =>
      (await harness.environment.ledger.read()).schedules.filter((name) => name.startsWith(about));
    expect(await warnings()).toHaveLength(1);
    expect((await harness.onFlow("resume")).status).toBe(200);
    await harness.settled();
    expect(await warnings()).toEqual([]);
  });

  /**
   * Four actions, each of which places the hold that `who` has, or lifts it if it exists, in every order that the table allows.
   */
  const HOLDERS = ["run", "flow"] as const;
  type Holder = (typeof HOLDERS)[number];
  const sequences = Array.from({ length: 16 }, (_, bits) =>
    Array.from({ length: 4 }, (_, place) => HOLDERS[(bits >> place) & 1] as Holder),
  );

  test("race 18: a run's pause and its flow's hold are independent, in all orders, each delivered twice", async () => {
    const first = await harness.inStepOne();
    release("one");
    await harness.until(first, "completed");
    // The second kind repeats what the flow begins: the gates differ, not the holds.
    for (const sequence of kind === "managed" ? sequences : sequences.filter(([first]) => first === "flow")) {
      const run = await harness.another();
      const two = harness.calls("two");
      const stands: Record<Holder, boolean> = { run: false, flow: false };
      const toggle = async (who: Holder): Promise<void> => {
        const action = stands[who] ? "resume" : "pause";
        // A run that its flow holds cannot be paused by a user.
        const { status } = await harness.now(run);
        const allowed = who === "flow" || stands.run || status !== "paused";
        const call = () => (who === "run" ? harness.act(run, action) : harness.onFlow(action));
        const told = [(await call()).status, (await call()).status];
        expect([sequence, who, action, told]).toEqual([sequence, who, action, [allowed ? 200 : 409, 409]]);
        if (allowed) stands[who] = !stands[who];
      };
      /** Waits until the run is where the model expects it after its step; returns whether it is still open. */
      const stood = async (): Promise<boolean> => {
        const holder = stands.run ? "user" : stands.flow ? "flow" : undefined;
        const { status } = await harness.environment.admin.until(run.runId, (now) =>
          holder === undefined
            ? now.status === "completed"
            : now.parkedAt !== undefined && now.pausedBy?.kind === holder,
        );
        expect(harness.calls("two")).toBe(status === "completed" ? two + 1 : two);
        return status !== "completed";
      };
      // The first two happen while the step is in progress, the others while the run is parked, if it is.
      for (const who of sequence.slice(0, 2)) await toggle(who);
      release("one");
      let stays = await stood();
      for (const who of sequence.slice(2)) {
        if (!stays) break;
        await toggle(who);
        stays = await stood();
      }
      for (const who of HOLDERS) if (stands[who]) await toggle(who);
      await harness.until(run, "completed");
      expect(harness.calls("two")).toBe(two + 1);
    }
  }, 60_000);
});
