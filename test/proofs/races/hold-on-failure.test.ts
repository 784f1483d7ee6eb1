import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { isPark, leftovers } from "../../harness/ledger/stored-items.ts";
import { FLOW_KINDS } from "../../harness/stack/flow-kinds.ts";
import { RaceHarness } from "./race-harness.ts";

describe.each(FLOW_KINDS)("a failure that halts, in a flow that is %s:", (kind) => {
  let harness: RaceHarness;
  beforeAll(async () => {
    harness = await RaceHarness.start(kind);
  });
  afterAll(() => harness.close());
  afterEach(async () => expect(await harness.violations()).toEqual([]));

  const HALT = { functionName: "sluice-gate", operation: "UpdateItem", about: '"error"' };
  const CLOSED = "sluice-execution-closed";
  const functions = () => harness.environment.functions;

  /** Publishes a flow that holds failures. */
  const holding = async (more: JsonObject = {}): Promise<void> => {
    const earlier = await harness.inStepOne(more);
    functions().release("one");
    await harness.until(earlier, "completed");
    await harness.stopped(earlier);
    await harness.settled();
    const settings = { onFailure: "pause" };
    await harness.environment.admin.expect([200], "PUT", `/flows/${harness.flowId}/settings`, settings);
  };
  /** A run in its first step, which is going to fail, of a flow that holds failures. */
  const aboutToFail = async (more: JsonObject = {}): Promise<Run> => {
    await holding(more);
    const run = await harness.another();
    functions().fail("one", "Down");
    return run;
  };
  const parksOf = async ({ runId }: Run) =>
    (await leftovers(harness.environment.url)).filter((item) => isPark(item) && item["runId"] === runId);
  const stand = (run: Run): Promise<Run> =>
    harness.environment.admin.until(run.runId, ({ pausedBy, parkedAt }) =>
      Boolean(pausedBy?.kind === "error" && parkedAt),
    );
  const mended = async (run: Run): Promise<void> => {
    functions().mend("one");
    expect((await harness.act(run, "resume")).status).toBe(200);
    await harness.until(run, "completed");
  };

  test("a cancel before the write of the failure wins, and one after it ends the halted run", async () => {
    const first = await aboutToFail();
    const halting = harness.traps.set(HALT);
    functions().release("one");
    await halting.caught;
    expect((await harness.act(first, "cancel")).status).toBe(200);
    halting.go();
    await harness.settled();
    expect(await harness.now(first)).toMatchObject({ status: "cancelled", rev: 3 });

    functions().mend("one");
    const second = await harness.another();
    functions().fail("one", "Down");
    functions().release("one");
    await stand(second);
    expect((await harness.act(second, "cancel")).status).toBe(200);
    await harness.settled();
    functions().mend("one");
    expect(await harness.now(second)).toMatchObject({ status: "cancelled", rev: 4 });
  });

  test("a user's pause and the flow's hold give way to the failure, and the run is halted by its error", async () => {
    const run = await aboutToFail();
    expect((await harness.act(run, "pause")).status).toBe(200);
    expect((await harness.onFlow("pause")).status).toBe(200);
    functions().release("one");
    await stand(run);
    functions().mend("one");
    expect((await harness.act(run, "resume")).status).toBe(200);
    const held = await harness.environment.admin.until(
      run.runId,
      ({ pausedBy }) => pausedBy?.kind === "flow",
    );
    expect(held.status).toBe("paused");
    await harness.onFlow("resume");
    await harness.settled();
    await harness.until(run, "completed");
  });

  test("a run past its deadline fails, whatever its flow says", async () => {
    const run = await aboutToFail({ TimeoutSeconds: 600 });
    await harness.environment.admin.advance("PT11M");
    functions().release("one");
    await harness.settled();
    functions().mend("one");
    expect(await harness.now(run)).toMatchObject({ status: "failed", error: { error: "States.Timeout" } });
  });

  test("the event of the execution's end is lost, doubled or late, and the resume needs it no longer", async () => {
    const run = await aboutToFail();
    const keeping = harness.traps.set({ functionName: CLOSED, operation: "PutItem", about: run.runId });
    functions().release("one");
    await keeping.caught;
    // The resume does what the event has not done yet.
    await mended(run);
    keeping.go();
    await harness.settled();
    await harness.environment.invoke(CLOSED, harness.traps.lastEvent(CLOSED) as JsonObject);
    expect(await harness.now(run)).toMatchObject({ status: "completed", rev: 5 });
  });

  test("the gate's retry of a failure gets the same answer, and changes nothing", async () => {
    const run = await aboutToFail();
    functions().release("one");
    const { rev } = await stand(run);
    await harness.deliver("sluice-gate", harness.traps.lastEvent("sluice-gate"));
    expect(await harness.now(run)).toMatchObject({ status: "paused", rev });
    await mended(run);
    await harness.environment.invoke(CLOSED, harness.traps.lastEvent(CLOSED) as JsonObject);
  });

  test("a run that is given up before its execution has ended leaves no park of another branch", async () => {
    await holding({
      StartAt: "Both",
      States: {
        Both: {
          Type: "Parallel",
          Branches: [tasks("one", "two"), chain({ beside: task("two") })],
          End: true,
        },
      },
    });
    const before = harness.calls("two");
    functions().block("two");
    const run = await harness.another();
    await eventually(() => harness.calls("two") > before || undefined);
    functions().fail("two", "Down");
    expect((await harness.act(run, "pause")).status).toBe(200);
    functions().release("one");
    await eventually(async () => (await parksOf(run)).length === 1 || undefined);
    const closing = harness.traps.set({ functionName: CLOSED, operation: "GetItem", about: run.runId });
    functions().release("two");
    await closing.caught;
    const over = await harness.environment.admin.act(run.runId, "resume", { giveUp: true });
    expect(over.body).toMatchObject({ status: "failed", error: { error: "Down", state: "Both" } });
    closing.go();
    await harness.settled();
    functions().mend("two");
    expect(await parksOf(run)).toEqual([]);
  });
});
