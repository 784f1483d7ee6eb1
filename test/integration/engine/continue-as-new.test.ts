import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { Ending } from "../../../functions/dependencies/with-error-cap.ts";
import { taskEvent } from "../../../functions/middleware/task-schema.ts";
import { continueAsNew as domainContinue } from "../../../shared/domain/gates/continue-as-new.ts";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { closeRun } from "../../../shared/domain/runs/close-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import { startRun } from "../../../shared/domain/runs/start-run.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import { executionOf } from "../../../shared/domain/steps/step-history.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { type ContinueEvent, TASK_EVENT_VERSION } from "../../../shared/model/machines/task-events.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import { ContinuationStore } from "../../../shared/store/runs/continuations.ts";
import { ParkStore } from "../../../shared/store/runs/parks.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { ANN, EngineHarness, latch, task } from "../../harness/engine/engine-harness.ts";
import { CrashingProcess, type Death } from "../../harness/table/crashing-process.ts";

/** Room for two rounds of `counting`. */
const MARK = 50;
const MINUTE = 60_000;
/** Number of random sequences. `npm run prove:continue-as-new` tries many more. */
const TRIES = Number(process.env["CONTINUE_AS_NEW_TRIES"] ?? 3);
const HOLD = { manual: { id: "h", since: "2026-01-01T00:00:00.000Z", by: { kind: "user", id: "ann" } } };

const until = (Next: string): JsonObject => ({
  Type: "Choice",
  Choices: [{ Variable: "$.i", NumericLessThanPath: "$.n", Next }],
  Default: "Done",
});
/** Counts `i` up to `n`. */
const counting: JsonObject = {
  StartAt: "Count",
  States: { Count: task("count", { Next: "Enough" }), Enough: until("Count"), Done: { Type: "Succeed" } },
};

let harness: EngineHarness;
let flow: Awaited<ReturnType<EngineHarness["publish"]>>;
let seen: Json[];
const count = (event: Json): Json => {
  seen.push(event);
  return { ...(event as JsonObject), i: (event as { i: number }).i + 1 };
};
const gate = (event: unknown) => harness.handlers["sluice-gate"](event);
const park = (event: unknown) => harness.handlers["sluice-park"](event);
const continueAsNew = (event: unknown) => harness.handlers["sluice-hand-over"](event);

beforeAll(async () => {
  harness = await EngineHarness.start({ [SETTINGS.historyMark]: String(MARK) });
  flow = await harness.publish(counting);
  harness.functions.set("note", (event) => {
    seen.push(event);
    return event;
  });
});
beforeEach(() => {
  seen = [];
  harness.functions.set("count", count);
});
afterEach(async () => {
  harness.beforeOwn = () => undefined;
  harness.fault = () => undefined;
  // A random sequence may have ended with a hold.
  await harness.setHolds(flow.flowId, flow.incarnation, {});
});
afterAll(async () => {
  await harness.close();
});

const rounds = (): number[] => seen.map((event) => (event as { i: number }).i);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** In one page, and the same in small ones. */
const stepsOf = async ({ workspace, runId }: RunItem) => {
  const { items } = await readSteps(harness.deps, workspace, runId, { limit: 200 });
  const paged: typeof items = [];
  let after: string | undefined;
  do {
    const place = after === undefined ? {} : { after };
    const page = await readSteps(harness.deps, workspace, runId, { limit: 5, ...place });
    paged.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  expect(paged).toEqual(items);
  return items;
};

/** Every status and step is as in a single execution: `n` rounds, each once. */
const expectWhole = async (run: RunItem, n: number): Promise<void> => {
  expect(rounds()).toEqual(upTo(n));
  expect(run).toMatchObject({ status: "completed" });
  const steps = await stepsOf(run);
  expect(steps.map(({ seq, name, status, input, output }) => [seq, name, status, input, output])).toEqual(
    upTo(n).map((i) => [i + 1, "Count", "completed", { i, n }, { i: i + 1, n }]),
  );
};

/** Does something once, when the run first continues as new and reaches this part. */
const atContinue = (part: ContinueEvent["part"], work: (run: RunItem, event: Json) => unknown): void => {
  let done = false;
  harness.beforeOwn = async (name, event) => {
    if (done || !isPart(name, event, part)) return;
    const { workspace, execution } = taskEvent("handOver", event);
    const run = await harness.run({ workspace, runId: execution.split(".")[0] ?? "" });
    if (part === "arrive" && run.continuedFrom === undefined) return;
    done = true;
    await work(run, event);
  };
};

const isPart = (name: string, event: Json, part: ContinueEvent["part"]): boolean =>
  name === "sluice-hand-over" && (event as JsonObject).part === part;

describe("a run that loops", () => {
  test("race 13: continues as new within the budget, with the steps and audit of a single run", async () => {
    const run = await harness.dispatchTo(flow, { i: 0, n: 12 });
    await expectWhole(run, 12);
    expect(run.attempt).toBeGreaterThan(4);
    const { executionArn = "" } = (await readRun(harness.deps, run.workspace, run.runId)).run;
    expect(executionArn).toContain(`${run.runId}.${run.attempt}`);
    for (const attempt of upTo(run.attempt)) {
      const arn = executionArn.replace(/\.\d+$/, `.${attempt + 1}`);
      // The states of the departure and a gate's own events exceed the mark.
      expect(await harness.deps.executions.length(arn)).toBeLessThan(MARK + 15);
      expect((await harness.deps.executions.describe(arn))?.status).toBe("SUCCEEDED");
    }
    const audit = await readAudit(harness.deps, run.workspace, run.runId);
    expect(audit.map(({ action }) => action)).toEqual(["dispatch", "begin", "complete"]);
    const left = await harness.deps.continuations.get(run, run.attempt - 2);
    expect(left).toBeUndefined();
  });

  test("keeps its assigned variables, and no others, in both query languages", async () => {
    const variables: JsonObject = {
      StartAt: "Begin",
      States: {
        Begin: {
          Type: "Pass",
          Assign: { list: [], one: ["a"], none: null, "first.$": "$.i", nested: { deep: [[1], []] } },
          Next: "Count",
        },
        Count: task("count", { Next: "Keep", Assign: { "last.$": "$.i" } }),
        Keep: {
          Type: "Pass",
          QueryLanguage: "JSONata",
          Assign: { list: "{% $append($list, $states.input.i) %}" },
          Next: "Enough",
        },
        Enough: until("Count"),
        Done: {
          Type: "Pass",
          QueryLanguage: "JSONata",
          Output: {
            list: "{% $list %}",
            one: "{% $one %}",
            none: "{% $none %}",
            first: "{% $first %}",
            last: "{% $last %}",
            nested: "{% $nested %}",
            late: "{% $exists($late) %}",
            payload: "{% $states.context.Execution.Input %}",
          },
          Assign: { late: true },
          End: true,
        },
      },
    };
    const run = await harness.dispatch(variables, { i: 0, n: 6 });
    expect(rounds()).toEqual(upTo(6));
    expect(run.attempt).toBeGreaterThan(2);
    const { output } = (await readRun(harness.deps, run.workspace, run.runId)).run;
    expect(output).toEqual({
      list: [1, 2, 3, 4, 5, 6],
      one: ["a"],
      none: null,
      first: 0,
      last: 6,
      nested: { deep: [[1], []] },
      late: false,
      payload: { i: 0, n: 6 },
    });
  });

  test("with a Map inside runs each item of each iteration once and records how each ended", async () => {
    const map: JsonObject = {
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          ItemsPath: "$.items",
          ItemSelector: { "i.$": "$.i", "item.$": "$$.Map.Item.Value" },
          ItemProcessor: { StartAt: "Note", States: { Note: task("note", { End: true }) } },
          ResultPath: null,
          Next: "Up",
        },
        Up: {
          Type: "Pass",
          Parameters: { "i.$": "States.MathAdd($.i, 1)", "n.$": "$.n", "items.$": "$.items" },
          Next: "Enough",
        },
        Enough: until("Each"),
        Done: { Type: "Succeed" },
      },
    };
    const run = await harness.dispatch(map, { i: 0, n: 3, items: ["a", "b", "c"] });
    expect(run).toMatchObject({ status: "completed", attempt: 3 });
    const wanted = upTo(3).flatMap((i) => ["a", "b", "c"].map((item) => ({ i, item })));
    expect(seen.toSorted((one, other) => text(one).localeCompare(text(other)))).toEqual(
      wanted.toSorted((one, other) => text(one).localeCompare(text(other))),
    );
    const steps = await stepsOf(run);
    expect(steps.map(({ status }) => status)).toEqual(Array(12).fill("completed"));
    expect(steps.filter(({ name }) => name === "Note").map(({ output }) => output)).toHaveLength(9);
  });

  test("keeps an input of 256 KiB, to the byte", async () => {
    const n = 4;
    const room = 256 * 1024 - JSON.stringify({ i: 0, n, text: "" }).length;
    const large = "ä".repeat(Math.floor(room / 2)) + "x".repeat(room % 2);
    const run = await harness.dispatchTo(flow, { i: 0, n, text: large });
    expect(run.status).toBe("completed");
    expect(run.attempt).toBeGreaterThan(1);
    expect(seen).toEqual(upTo(n).map((i) => ({ i, n, text: large })));
  });
});

test("a variable that is too large to keep fails the run with that reason", async () => {
  const large: JsonObject = {
    StartAt: "Begin",
    States: {
      Begin: {
        Type: "Pass",
        QueryLanguage: "JSONata",
        Assign: { large: `{% $pad("", ${256 * 1024 - 10}, "x") %}` },
        Next: "Count",
      },
      Count: task("count", { Next: "Enough" }),
      Enough: until("Count"),
      Done: { Type: "Pass", Parameters: { "length.$": "$large" }, End: true },
    },
  };
  const run = await harness.dispatch(large, { i: 0, n: 6 });
  expect(run).toMatchObject({
    status: "failed",
    attempt: 1,
    error: {
      error: "Sluice.HistoryLimit",
      cause: expect.stringContaining("the variable large is too large"),
    },
  });
});

test("a fresh execution without a machine fails the run, which would otherwise wait forever", async () => {
  const go = latch();
  harness.functions.set("count", async (event) => {
    await go.promise;
    return count(event);
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

const text = (value: Json): string => JSON.stringify(value);

describe("while a run continues as new", () => {
  const PARTS = ["leave", "arrive"] as const;

  test.each(PARTS)(
    "a pause (%s) holds the run at the next gate, and a resume lets it continue",
    async (part) => {
      atContinue(part, (run) => pauseRun(harness.deps, { ...run, actor: ANN }));
      const paused = await harness.dispatchTo(flow, { i: 0, n: 6 });
      expect(paused).toMatchObject({ status: "paused", attempt: 2 });
      expect(paused.parkedAt).toBeDefined();
      const before = rounds().length;
      await resumeRun(harness.deps, { ...paused, actor: ANN });
      await harness.settle();
      expect(before).toBeLessThan(6);
      await expectWhole(await harness.run(paused), 6);
    },
  );

  test.each(PARTS)("a flow's hold (%s) holds it there too", async (part) => {
    atContinue(part, (run) => harness.setHolds(run.flowId, run.incarnation, HOLD));
    const held = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(held).toMatchObject({ status: "paused", attempt: 2, pausedBy: { kind: "flow" } });
    await harness.setHolds(held.flowId, held.incarnation, {});
    for await (const park of harness.deps.parks.ofFlow(held))
      await harness.deps.executions.succeed(park.token, "{}");
    await harness.settle();
    await expectWhole(await harness.run(held), 6);
  });

  test.each(PARTS)("a cancel (%s) ends it, whichever execution is current", async (part) => {
    let before = 0;
    atContinue(part, async (run) => {
      before = rounds().length;
      await cancelRun(harness.deps, { ...run, actor: ANN });
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(run).toMatchObject({ status: "cancelled", attempt: part === "leave" ? 1 : 2 });
    expect(run.intent).toBeUndefined();
    expect(rounds()).toHaveLength(before);
    const { executionArn = "" } = (await readRun(harness.deps, run.workspace, run.runId)).run;
    expect((await harness.deps.executions.describe(executionArn))?.status).not.toBe("RUNNING");
  });

  test.each(PARTS)("a deletion (%s) leaves nothing of it", async (part) => {
    atContinue(part, async (run) => {
      await pauseRun(harness.deps, { ...run, actor: ANN });
      await deleteRun(harness.deps, { ...run, actor: ANN });
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 });
    expect(run.deleted).toBe(true);
    await harness.advance(5 * MINUTE);
    await harness.sweep();
    expect(await harness.deps.runs.get(run.workspace, run.runId)).toBeUndefined();
    expect(await harness.deps.continuations.get(run, 1)).toBeUndefined();
    expect(rounds().length).toBeLessThan(6);
  });

  test("a caller that read the run before does not get state_changed", async () => {
    atContinue("leave", async (run, event) => {
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
      return count(event);
    });
    atContinue("leave", (run) => {
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
      return count(event);
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
    await expectWhole(await harness.run(run), 8);
    for (const event of leaves) await expect(continueAsNew(event)).rejects.toThrow("The run has ended");
  });

  test.each(["before", "after"] as const)("a lost response to the start (%s) is repaired", async (when) => {
    let faults = 0;
    atContinue("leave", () => {
      harness.fault = (operation) => (operation === "StartExecution" && ++faults <= 20 ? when : undefined);
    });
    const run = await harness.dispatchTo(flow, { i: 0, n: 6 }, true, false);
    await expect.poll(async () => (await harness.run(run)).attempt, { timeout: 15_000 }).toBe(2);
    await harness.settle();
    harness.fault = () => undefined;
    await harness.advance(2 * MINUTE);
    await harness.sweep();
    await expectWhole(await harness.run(run), 6);
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
          seen = [];
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
          await expectWhole(await harness.run(run), N);
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
      const mine = seen.filter((event) => (event as { what?: string }).what === what);
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
