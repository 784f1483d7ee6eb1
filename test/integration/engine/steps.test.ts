import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readRun } from "../../../shared/domain/runs/read-run.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, EngineHarness, latch, task } from "../../harness/engine/engine-harness.ts";

let harness: EngineHarness;
let flaws: number;
beforeAll(async () => {
  harness = await EngineHarness.start();
  harness.functions.set("work", (event) => event);
  harness.functions.set("break", () => {
    throw Object.assign(new Error("no stock"), { name: "OutOfStock" });
  });
  harness.functions.set("flaky", () => {
    flaws -= 1;
    if (flaws >= 0) throw Object.assign(new Error("busy"), { name: "Busy" });
    return { flaky: "done" };
  });
});
afterAll(() => harness.close());
beforeEach(() => {
  flaws = 1;
});

const view = async (run: RunItem) => (await readRun(harness.deps, run.workspace, run.runId)).run;
/** Name, status and output of each step, as the API shows them now. */
const told = async (run: RunItem) => {
  const { items } = await readSteps(harness.deps, run.workspace, run.runId, { limit: 200 });
  return items.map(({ name, status, output }) => [name, status, output]);
};
const again: JsonObject = { Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 60, MaxAttempts: 2 }] };

describe("a step that will be retried", () => {
  const fan: JsonObject = {
    StartAt: "Fan",
    States: {
      Fan: {
        Type: "Parallel",
        Branches: [
          { StartAt: "Flaky", States: { Flaky: task("flaky", { ...again, End: true }) } },
          {
            StartAt: "Slow",
            States: { Slow: task("slow", { Next: "Then" }), Then: task("work", { End: true }) },
          },
        ],
        End: true,
      },
    },
  };

  test("does not show as failed before its retry, and does not make a paused run look idle", async () => {
    const go = latch();
    const inside = latch();
    harness.functions.set("slow", async () => {
      inside.open();
      await go.promise;
      return { slow: "done" };
    });
    const run = await harness.begin(fan, {});
    await inside.promise;
    await pauseRun(harness.deps, { ...run, actor: ANN });
    go.open();
    await harness.settle();
    expect(await told(run)).toContainEqual(["Flaky", "running", undefined]);
    expect((await view(run)).parkedAt).toBeUndefined();
    await harness.advance(61_000);
    expect(await told(run)).toContainEqual(["Flaky", "completed", { flaky: "done" }]);
    expect((await view(run)).parkedAt).toBeDefined();
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
    expect((await told(run)).map(([, status]) => status)).toEqual(Array(4).fill("completed"));
  });
});

describe("a caught error", () => {
  test("that reaches the next step through a Pass still ends its step", async () => {
    const flow: JsonObject = {
      StartAt: "Break",
      States: {
        Break: task("break", { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Note" }], Next: "Work" }),
        Note: { Type: "Pass", Result: { noted: true }, Next: "Work" },
        Work: task("work", { End: true }),
      },
    };
    const run = await harness.dispatch(flow, {});
    expect(await told(run)).toMatchObject([
      ["Break", "failed", undefined],
      ["Work", "completed", { noted: true }],
    ]);
  });

  test("that reaches the flow's end through a Pass still ends its step", async () => {
    const flow: JsonObject = {
      StartAt: "Break",
      States: {
        Break: task("break", { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Note" }], End: true }),
        Note: { Type: "Pass", Result: { noted: true }, End: true },
      },
    };
    const run = await harness.dispatch(flow, {});
    expect(await view(run)).toMatchObject({ status: "completed", output: { noted: true } });
    expect(await told(run)).toMatchObject([["Break", "failed", undefined]]);
  });

  test("of a Parallel ends the steps inside it while the run continues, and none of them delays a later pause", async () => {
    const flow: JsonObject = {
      StartAt: "Fan",
      States: {
        Fan: {
          Type: "Parallel",
          Branches: [
            { StartAt: "Break", States: { Break: task("break", { End: true }) } },
            { StartAt: "Doze", States: { Doze: { Type: "Wait", Seconds: 864_000, End: true } } },
          ],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Rest" }],
          Next: "Rest",
        },
        Rest: {
          Type: "Parallel",
          Branches: [
            {
              StartAt: "Pausing",
              States: { Pausing: task("pausing", { Next: "Then" }), Then: task("work", { End: true }) },
            },
          ],
          End: true,
        },
      },
    };
    harness.functions.set("pausing", async () => {
      await pauseRun(harness.deps, { ...(await harness.running()), actor: ANN });
      return {};
    });
    const run = await harness.dispatch(flow, {});
    expect((await told(run)).map(([name, status]) => `${name} ${status}`).sort()).toEqual(
      ["Break failed", "Doze cancelled", "Fan failed", "Pausing completed", "Rest running"].sort(),
    );
    expect((await view(run)).parkedAt).toBeDefined();
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
  });
});

test("the steps of a Map with a slash in its name are ended", async () => {
  const flow: JsonObject = {
    StartAt: "Each/order",
    States: {
      "Each/order": {
        Type: "Map",
        ItemProcessor: { StartAt: "Work", States: { Work: task("work", { End: true }) } },
        End: true,
      },
    },
  };
  const run = await harness.dispatch(flow, [1, 2]);
  expect(await told(run)).toEqual([
    ["Each/order", "completed", [1, 2]],
    ["Work", "completed", expect.any(Number)],
    ["Work", "completed", expect.any(Number)],
  ]);
});
