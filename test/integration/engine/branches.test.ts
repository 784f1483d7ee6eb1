import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readRun } from "../../../shared/domain/runs/read-run.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, EngineHarness, latch, task } from "../../harness/engine/engine-harness.ts";

const BRANCHES = 10;

/** Ten branches of two steps each, and a step after them; whatever goes wrong inside is caught and would be seen. */
const fan: JsonObject = {
  StartAt: "Fan",
  States: {
    Fan: {
      Type: "Parallel",
      Branches: Array.from({ length: BRANCHES }, (_, index) => ({
        StartAt: `Open${index}`,
        States: {
          [`Open${index}`]: task("open", { Next: `Close${index}` }),
          [`Close${index}`]: task("close", { End: true }),
        },
      })),
      Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }],
      ResultPath: "$.fan",
      Next: "After",
    },
    Caught: task("caught", { End: true }),
    After: task("after", { End: true }),
  },
};

let harness: EngineHarness;
let entered: number;
let allIn: ReturnType<typeof latch>;
let go: ReturnType<typeof latch>;

beforeAll(async () => {
  harness = await EngineHarness.start();
});
afterAll(() => harness.close());

beforeEach(() => {
  entered = 0;
  allIn = latch();
  go = latch();
  harness.fault = () => undefined;
  harness.calls.length = 0;
  harness.functions.set("open", async () => {
    entered += 1;
    if (entered === BRANCHES) allIn.open();
    await go.promise;
    return { opened: true };
  });
  for (const name of ["close", "after", "caught"]) harness.functions.set(name, () => ({ [name]: true }));
});

const count = (name: string) => harness.calls.filter((call) => call === name).length;
const tokens = async (run: RunItem) => {
  const parks = [];
  for await (const park of harness.deps.parks.ofRun(run)) parks.push(park);
  return parks;
};

/** A run that is paused while all branches are in their first step, which then finish. */
const parkedRun = async (): Promise<RunItem> => {
  const run = await harness.begin(fan, {});
  await allIn.promise;
  await pauseRun(harness.deps, { ...run, actor: ANN });
  expect((await readRun(harness.deps, run.workspace, run.runId)).run.parkedAt).toBeUndefined();
  go.open();
  await harness.settle();
  return harness.run(run);
};

describe("ten branches", () => {
  test("park at their next gates and are all woken by a resume", async () => {
    const run = await parkedRun();
    expect(count("close")).toBe(0);
    expect(await tokens(run)).toHaveLength(BRANCHES);
    expect((await readRun(harness.deps, run.workspace, run.runId)).run.parkedAt).toBeDefined();
    const { items } = await readSteps(harness.deps, run.workspace, run.runId, { limit: 50 });
    expect(
      items.filter(({ name, status }) => name.startsWith("Open") && status === "completed"),
    ).toHaveLength(BRANCHES);
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect(count("close")).toBe(BRANCHES);
    expect(count("after")).toBe(1);
    expect(count("caught")).toBe(0);
    expect(await tokens(run)).toEqual([]);
    expect(await harness.run(run)).toMatchObject({ status: "completed" });
    const steps = await readSteps(harness.deps, run.workspace, run.runId, { limit: 200 });
    expect(steps.items.map(({ status }) => status)).toEqual(Array(2 * BRANCHES + 2).fill("completed"));
    expect(steps.items.find(({ name }) => name === "Close3")).toMatchObject({
      branch: "Fan[3]",
      input: { opened: true },
      output: { close: true },
    });
  });

  test("race 05: are all woken although answers to their tokens are lost", async () => {
    const run = await parkedRun();
    const tokens: string[] = [];
    for await (const { token } of harness.deps.parks.ofRun(await harness.run(run))) tokens.push(token);
    let sent = 0;
    harness.fault = (operation) => {
      if (operation === "SendTaskSuccess") sent += 1;
      return operation === "SendTaskSuccess" && sent <= BRANCHES ? "after" : undefined;
    };
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect(count("close")).toBe(BRANCHES);
    expect(await harness.run(run)).toMatchObject({ status: "completed" });
    expect(tokens).toHaveLength(BRANCHES);
    const again = await Promise.all(tokens.map((token) => harness.deps.executions.succeed(token, "{}")));
    expect(new Set(again)).toEqual(new Set(["settled"]));
  });

  test("race 02: are all woken by the sweeper when a resume dies after some of the tokens", async () => {
    const run = await parkedRun();
    let sent = 0;
    harness.fault = (operation) => {
      if (operation === "SendTaskSuccess") sent += 1;
      return operation === "SendTaskSuccess" && sent > 3 ? "before" : undefined;
    };
    await resumeRun(harness.deps, { ...run, actor: ANN });
    harness.fault = () => undefined;
    await harness.settle();
    expect(count("close")).toBe(3);
    expect(await harness.run(run)).toMatchObject({ status: "running", intent: { kinds: ["wake"] } });
    await harness.advance(90_000);
    await harness.sweep();
    expect(count("close")).toBe(BRANCHES);
    const done = await harness.run(run);
    expect(done.status).toBe("completed");
    expect(done.intent).toBeUndefined();
    expect(await tokens(run)).toEqual([]);
  });

  test("are ended by a cancel without running the flow's own handlers", async () => {
    const run = await parkedRun();
    await cancelRun(harness.deps, { ...run, actor: ANN, reason: "enough" });
    await harness.settle();
    expect([count("close"), count("caught"), count("after")]).toEqual([0, 0, 0]);
    expect(await tokens(run)).toEqual([]);
    const { items } = await readSteps(harness.deps, run.workspace, run.runId, { limit: 50 });
    expect(items.map(({ name, status }) => [name.replace(/\d/, ""), status])).toEqual([
      ["Fan", "cancelled"],
      ...Array(BRANCHES).fill(["Open", "completed"]),
    ]);
  });

  test("end by themselves after a cancel whose stop was lost", async () => {
    const run = await parkedRun();
    harness.fault = (operation) => (operation === "StopExecution" ? "before" : undefined);
    await cancelRun(harness.deps, { ...run, actor: ANN });
    harness.fault = () => undefined;
    expect(await tokens(run)).toHaveLength(BRANCHES);
    await harness.advance(90_000);
    await harness.sweep();
    expect([count("close"), count("caught"), count("after")]).toEqual([0, 0, 0]);
    expect(await tokens(run)).toEqual([]);
    expect((await harness.run(run)).intent).toBeUndefined();
  });
});
