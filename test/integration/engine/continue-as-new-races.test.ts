import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { Ending } from "../../../functions/dependencies/with-error-cap.ts";
import { taskEvent } from "../../../functions/middleware/task-schema.ts";
import { continueAsNew as domainContinue } from "../../../shared/domain/gates/continue-as-new.ts";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { closeRun } from "../../../shared/domain/runs/close-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readRun } from "../../../shared/domain/runs/read-run.ts";
import { startRun } from "../../../shared/domain/runs/start-run.ts";
import { executionOf } from "../../../shared/domain/steps/step-history.ts";
import type { Json } from "../../../shared/model/json/json.ts";
import { type ContinueEvent, TASK_EVENT_VERSION } from "../../../shared/model/machines/task-events.ts";
import { ContinuationStore } from "../../../shared/store/runs/continuations.ts";
import { ParkStore } from "../../../shared/store/runs/parks.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { ANN, latch } from "../../harness/engine/engine-harness.ts";
import { isPart, loopingRuns, upTo } from "../../harness/engine/looping-runs.ts";
import { CrashingProcess, type Death } from "../../harness/table/crashing-process.ts";

const MINUTE = 60_000;
/** Number of random sequences. `npm run prove:continue-as-new` tries many more. */
const TRIES = Number(process.env["CONTINUE_AS_NEW_TRIES"] ?? 3);
const HOLD = { manual: { id: "h", since: "2026-01-01T00:00:00.000Z", by: { kind: "user", id: "ann" } } };

const looping = await loopingRuns();
const { harness, flow } = looping;
const gate = (event: unknown) => harness.handlers["sluice-gate"](event);
const park = (event: unknown) => harness.handlers["sluice-park"](event);
const continueAsNew = (event: unknown) => harness.handlers["sluice-hand-over"](event);

describe("while a run continues as new", () => {
  const PARTS = ["leave", "arrive"] as const;

  test.each(PARTS)(
    "a pause (%s) holds the run at the next gate, and a resume lets it continue",
    async (part) => {
      looping.atContinue(part, (run) => pauseRun(harness.deps, { ...run, actor: ANN }));
      const paused = await harness.dispatchTo(flow, { i: 0, n: 6 });
      expect(paused).toMatchObject({ status: "paused", attempt: 2 });
      expect(paused.parkedAt).toBeDefined();
      const before = looping.rounds().length;
      await resumeRun(harness.deps, { ...paused, actor: ANN });
      await harness.settle();
      expect(before).toBeLessThan(6);
      await looping.expectWhole(await harness.run(paused), 6);
    },
  );

  test.each(PARTS)("a flow's hold (%s) holds it there too", async (part) => {
    looping.atContinue(part, (run) => harness.setHolds(run.flowId, run.incarnation, HOLD));
    const held = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(held).toMatchObject({ status: "paused", attempt: 2, pausedBy: { kind: "flow" } });
    await harness.setHolds(held.flowId, held.incarnation, {});
    for await (const park of harness.deps.parks.ofFlow(held))
      await harness.deps.executions.succeed(park.token, "{}");
    await harness.settle();
    await looping.expectWhole(await harness.run(held), 6);
  });

  test.each(PARTS)("a cancel (%s) ends it, whichever execution is current", async (part) => {
    let before = 0;
    looping.atContinue(part, async (run) => {
      before = looping.rounds().length;
      await cancelRun(harness.deps, { ...run, actor: ANN });
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(run).toMatchObject({ status: "cancelled", attempt: part === "leave" ? 1 : 2 });
    expect(run.intent).toBeUndefined();
    expect(looping.rounds()).toHaveLength(before);
    const { executionArn = "" } = (await readRun(harness.deps, run.workspace, run.runId)).run;
    expect((await harness.deps.executions.describe(executionArn))?.status).not.toBe("RUNNING");
  });

  test.each(PARTS)("a deletion (%s) leaves nothing of it", async (part) => {
    looping.atContinue(part, async (run) => {
      await pauseRun(harness.deps, { ...run, actor: ANN });
      await deleteRun(harness.deps, { ...run, actor: ANN });
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(run.deleted).toBe(true);
    await harness.advance(5 * MINUTE);
    await harness.sweep();
    expect(await harness.deps.runs.get(run.workspace, run.runId)).toBeUndefined();
    expect(await harness.deps.continuations.get(run, 1)).toBeUndefined();
    expect(looping.rounds().length).toBeLessThan(6);
  });

  test("a caller that read the run before does not get state_changed", async () => {
    looping.atContinue("leave", async (run, event) => {
      const runs = new RunStore(harness.deps.table);
      const get = runs.get.bind(runs);
      runs.get = async (...key) => {
        const read = await get(...key);
        runs.get = get;
        await continueAsNew(event);
        return read;
      };
      await pauseRun({ ...harness.deps, runs }, { ...run, actor: ANN, ifMatch: run.rev });
    });
    const paused = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(paused).toMatchObject({ status: "paused", attempt: 2 });
    await cancelRun(harness.deps, { ...paused, actor: ANN });
    await harness.settle();
  });

  test("the check of a silent run does not take the old execution's end for the run's end", async () => {
    let stale: RunItem | undefined;
    const go = latch();
    harness.functions.set("count", async (event) => {
      if (stale !== undefined) await go.promise;
      return looping.count(event);
    });
    looping.atContinue("leave", (run) => {
      stale = run;
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 }, true, false);
    await expect.poll(async () => (await harness.run(run)).attempt).toBe(2);
    if (stale === undefined) throw new Error("It has not left");
    await closeRun(harness.deps, stale, { status: "SUCCEEDED", output: "{}" });
    await closeRun(harness.deps, stale, { status: "FAILED", error: "Late" });
    expect((await harness.run(run)).status).toBe("running");
    go.open();
    await harness.settle();
    expect((await harness.run(run)).status).toBe("completed");
  });

  test("repeated calls, concurrent or late, and a late gate of the old execution change nothing", async () => {
    const stood = latch();
    const go = latch();
    harness.functions.set("count", async (event) => {
      if ((event as { i: number }).i === 6) {
        stood.open();
        await go.promise;
      }
      return looping.count(event);
    });
    const leaves: Json[] = [];
    const gates: Json[] = [];
    harness.beforeOwn = async (name, event) => {
      if (name === "sluice-gate") gates.push(event);
      if (!isPart(name, event, "leave")) return;
      leaves.push(event);
      await continueAsNew(event); // the other copy comes right after
    };
    const run = await harness.dispatchTo(flow, { i: 0, n: 8 }, true, false);
    await stood.promise;
    const before = await harness.run(run);
    expect(before.attempt).toBeGreaterThan(2);
    expect(leaves).toHaveLength(before.attempt - 1);
    const late = leaves.filter((event) => taskEvent("handOver", event).execution.endsWith(".1"));
    for (const event of late) await expect(continueAsNew(event)).rejects.toThrow("The run has ended");
    for (const event of gates.slice(0, 2)) await expect(gate(event)).rejects.toThrow("The run has ended");
    expect(await harness.run(run)).toEqual(before);

    await pauseRun(harness.deps, { ...run, actor: ANN });
    const { at, flow: flowId } = gates[0] as { at: Json[]; flow: string };
    await park({ v: TASK_EVENT_VERSION, at: [...at, "late"], flow: flowId });
    // Its step is still at work: it does not stand still.
    expect((await harness.run(run)).parkedAt).toBeUndefined();
    await resumeRun(harness.deps, { ...run, actor: ANN });

    go.open();
    await harness.settle();
    await looping.expectWhole(await harness.run(run), 8);
    for (const event of leaves) await expect(continueAsNew(event)).rejects.toThrow("The run has ended");
  });

  test.each(["before", "after"] as const)("a lost response to the start (%s) is repaired", async (when) => {
    let faults = 0;
    looping.atContinue("leave", () => {
      harness.fault = (operation) => (operation === "StartExecution" && ++faults <= 20 ? when : undefined);
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 }, true, false);
    await expect
      .poll(async () => (await harness.run(run)).attempt, { timeout: 25_000 })
      .toBeGreaterThanOrEqual(2);
    await harness.settle();
    harness.fault = () => undefined;
    await harness.advance(2 * MINUTE);
    await harness.sweep();
    await looping.expectWhole(await harness.run(run), 6);
  });
});

test(
  "whatever is requested of a run at any call of its gates and its continuations, each round runs once",
  async () => {
    const N = 6;
    const act: Readonly<Record<string, (run: RunItem, again: () => Promise<unknown>) => Promise<unknown>>> = {
      pause: (run) => pauseRun(harness.deps, { ...run, actor: ANN }),
      resume: (run) => resumeRun(harness.deps, { ...run, actor: ANN }),
      hold: (run) => harness.setHolds(run.flowId, run.incarnation, HOLD),
      lift: (run) => lift(run),
      twice: (_run, again) => again(),
    };
    const lift = async (run: RunItem): Promise<void> => {
      await harness.setHolds(run.flowId, run.incarnation, {});
      for await (const park of harness.deps.parks.ofFlow(run))
        await harness.deps.executions.succeed(park.token, "{}");
    };
    /** A refusal counts as an answer, and so does that of a gate's other copy. */
    const attempted = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
    const again = { "sluice-gate": gate, "sluice-hand-over": continueAsNew } as const;

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(24), fc.constantFrom(...Object.keys(act))), { maxLength: 12 }),
        async (asked) => {
          looping.seen = [];
          const run = await harness.dispatchTo(flow, { i: 0, n: N }, false);
          let calls = 0;
          harness.beforeOwn = async (name, event) => {
            const at = calls;
            calls += 1;
            for (const [when, what] of asked) {
              if (when !== at) continue;
              const copy = name === "sluice-gate" || name === "sluice-hand-over" ? again[name] : undefined;
              await attempted(act[what]?.(run, async () => copy?.(event)) ?? Promise.resolve());
            }
          };
          await startRun(harness.deps, run);
          await harness.settle();
          for (let rounds = 0; (await harness.run(run)).status !== "completed" && rounds < 20; rounds += 1) {
            await lift(run);
            await attempted(resumeRun(harness.deps, { ...run, actor: ANN }));
            await harness.settle();
            await harness.advance(2 * MINUTE);
            await harness.sweep();
          }
          await looping.expectWhole(await harness.run(run), N);
        },
      ),
      { numRuns: TRIES },
    );
  },
  15_000 + TRIES * 10_000,
);

describe("continuing as new with a process that dies", () => {
  /** The function's dependencies in a process that may die at any of its calls. */
  const tools = (process: CrashingProcess): Ending<Dependencies> => {
    const table = process.using(harness.deps.table, "query");
    return {
      ...harness.deps,
      runs: new RunStore(table),
      parks: new ParkStore(table),
      continuations: new ContinuationStore(table),
      executions: process.using(harness.deps.executions, "history"),
    };
  };
  const N = 4;
  interface Dying {
    readonly run: RunItem;
    readonly process: CrashingProcess;
    readonly what: string;
    /** Nobody repeats the call, because the old execution ends with it. */
    readonly stopped: boolean;
  }
  const begin = async (death: Death, stopped: boolean): Promise<Dying> => {
    const what = `${death.when} ${death.at}${stopped ? ", stopped" : ""}`;
    const run = await harness.dispatchTo(flow, { i: 0, n: N, what }, false);
    return { run, process: new CrashingProcess(death), what, stopped };
  };
  /** Each run first continues as new in a process of its own. */
  const start = async (all: readonly Dying[]): Promise<void> => {
    const left = new Map(all.map((one) => [`${one.run.runId}.1`, one]));
    harness.beforeOwn = async (name, json) => {
      if (!isPart(name, json, "leave")) return;
      const event = taskEvent("handOver", json) as ContinueEvent;
      const dying = left.get(event.execution);
      left.delete(event.execution);
      if (dying === undefined) return;
      try {
        await domainContinue(tools(dying.process), event);
      } catch (error) {
        const executionArn = executionOf(harness.deps, dying.run, 1);
        if (dying.stopped) await harness.states("StopExecution", { executionArn });
        throw error;
      }
    };
    await Promise.all(all.map(({ run }) => startRun(harness.deps, run)));
    await harness.settle();
  };

  test("before or after any of its calls is repaired by the next call or by the sweeper", async () => {
    const alive = await begin({ at: Number.POSITIVE_INFINITY, when: "before" }, false);
    await start([alive]);
    const { calls } = alive.process;
    expect(calls).toBeGreaterThan(7);

    // The state before a call is the state after the previous one.
    const deaths: Death[] = [{ at: 1, when: "before" }];
    for (let at = 1; at <= calls; at += 1) deaths.push({ at, when: "after" });
    const all: Dying[] = [];
    for (const death of deaths) for (const stopped of [false, true]) all.push(await begin(death, stopped));
    await start(all);
    await harness.advance(2 * MINUTE);
    await harness.sweep();
    let ended = 0;
    for (const { run: begun, what, stopped } of all) {
      const run = await harness.run(begun);
      const mine = looping.seen.filter((event) => (event as { what?: string }).what === what);
      const counted = mine.map((event) => (event as { i: number }).i);
      expect(counted, what).toEqual(upTo(counted.length));
      expect(run.intent, what).toBeUndefined();
      // Stopped from outside before it had left, it was the run's own execution.
      if (stopped && run.attempt === 1) {
        ended += 1;
        expect([run.status, run.error?.error], what).toEqual(["failed", "Sluice.ExecutionAborted"]);
      } else {
        expect([run.status, counted.length], what).toEqual(["completed", N]);
      }
    }
    expect(ended).toBeGreaterThan(2);
    expect(ended).toBeLessThan(calls - 2);
  }, 60_000);
});

test("a fresh execution without a machine fails the run, which would otherwise wait forever", async () => {
  const go = latch();
  harness.functions.set("count", async (event) => {
    await go.promise;
    return looping.count(event);
  });
  const gone = { ...harness.deps.executions, start: async () => "no-machine" as const };
  const begun = await harness.dispatchTo(flow, { i: 0, n: 1 }, true, false);
  await expect.poll(async () => (await harness.run(begun)).status).toBe("running");
  const run = await harness.run(begun);
  await startRun({ ...harness.deps, executions: gone }, run);
  expect((await harness.run(run)).status).toBe("running");
  const intent = { id: "over", due: run.updatedAt, kinds: ["start" as const], tries: 2 };
  const written = await harness.deps.runs.continueAsNew(run, intent);
  if (!written.ok) throw new Error("refused");
  await startRun({ ...harness.deps, executions: gone }, written.run);
  expect(await harness.run(run)).toMatchObject({
    status: "failed",
    error: { error: "Sluice.StateMachineMissing" },
  });
  go.open();
  await harness.settle();
});
