import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../clock/virtual-clock.ts";
import { FunctionError, Harness, lambdaArn, WAITING_TASK } from "../test-harness.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const HOUR = 3_600_000;
let folder: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "step-functions-"));
  database = join(folder, "states.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Functions = NonNullable<ConstructorParameters<typeof Harness>[0]>["functions"];
const harness = (functions: Functions = {}, clock = new VirtualClock()) =>
  new Harness({ database, functions, clock });

/** The files as they are on disk at this moment, which is what a process finds that starts after another one has died. */
async function restarted(dead: Harness, functions: Functions = {}, later = 0): Promise<Harness> {
  const left = join(folder, "left.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${database}${suffix}`, `${left}${suffix}`);
  const fresh = new Harness({ database: left, functions, clock: new VirtualClock(dead.clock.now() + later) });
  await fresh.recover();
  await fresh.clock.settled();
  return fresh;
}

describe("after the death of the process", () => {
  it("a Wait ends when it would have ended", async () => {
    const first = harness();
    const arn = await first.start({
      StartAt: "Sleep",
      States: { Sleep: { Type: "Wait", Seconds: 3600, Next: "Done" }, Done: { Type: "Succeed" } },
    });
    await first.clock.advance(HOUR / 2);

    const second = await restarted(first);
    await second.clock.advance(HOUR / 2 - 1);
    expect((await second.describe(arn))["status"]).toBe("RUNNING");
    await second.clock.advance(1);
    expect((await second.describe(arn))["status"]).toBe("SUCCEEDED");
    expect(await second.types(arn)).toEqual([
      "ExecutionStarted",
      "WaitStateEntered",
      "WaitStateExited",
      "SucceedStateEntered",
      "SucceedStateExited",
      "ExecutionSucceeded",
    ]);
  });

  it("a Wait that came due in the meantime ends immediately", async () => {
    const first = harness();
    const arn = await first.start({ StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } });
    const second = await restarted(first, {}, HOUR);
    await second.clock.step();
    expect((await second.describe(arn))["status"]).toBe("SUCCEEDED");
  });

  it("a task that waits for its token keeps it and is not called again", async () => {
    const first = harness({ ask: () => null });
    const arn = await first.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    expect(first.invocations).toEqual(["ask"]);

    const second = await restarted(first, { ask: () => null });
    expect(second.invocations).toEqual([]);
    await second.call("SendTaskSuccess", { taskToken: first.token(), output: '{"ok":true}' });
    await second.clock.settled();
    expect(await second.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: '{"ok":true}' });
  });

  it("a call in progress is repeated, with the same token", async () => {
    const seen: unknown[] = [];
    const clock = new VirtualClock();
    const first = harness(
      {
        ask: async (event) => {
          seen.push(event);
          await clock.sleep(HOUR);
          return null;
        },
      },
      clock,
    );
    const arn = await first.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    const second = await restarted(first, {
      ask: (event) => {
        seen.push(event);
        return null;
      },
    });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect((await second.types(arn)).filter((type) => type === "TaskScheduled")).toHaveLength(1);
    await second.call("SendTaskSuccess", { taskToken: second.token(), output: "1" });
    await second.clock.settled();
    expect((await second.describe(arn))["status"]).toBe("SUCCEEDED");
  });

  it("what was acknowledged is on disk: an execution that had only just been started runs", async () => {
    const first = harness();
    const stateMachineArn = await first.create({ StartAt: "P", States: { P: { Type: "Pass", End: true } } });
    const { executionArn } = await first.call("StartExecution", { stateMachineArn, input: "5" });
    const second = await restarted(first);
    expect(await second.describe(String(executionArn))).toMatchObject({ status: "SUCCEEDED", output: "5" });
  });

  it("an answered token counts even if the process dies before the state moves on", async () => {
    const first = harness({ ask: () => null });
    const arn = await first.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    await first.call("SendTaskSuccess", { taskToken: first.token(), output: "7" });
    const second = await restarted(first);
    expect(await second.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: "7" });
  });

  it("finished branches of a Parallel keep their results, and variables survive", async () => {
    const definition = {
      StartAt: "Set",
      States: {
        Set: { Type: "Pass", Assign: { kept: "yes" }, Next: "Fork" },
        Fork: {
          Type: "Parallel",
          Branches: [
            {
              StartAt: "Quick",
              States: { Quick: { Type: "Task", Resource: lambdaArn("quick"), End: true } },
            },
            {
              StartAt: "Slow",
              States: {
                Slow: { Type: "Wait", Seconds: 60, Next: "Read" },
                Read: { Type: "Pass", Parameters: { "kept.$": "$kept" }, End: true },
              },
            },
          ],
          End: true,
        },
      },
    };
    const first = harness({ quick: () => "q" });
    const arn = await first.start(definition);
    const second = await restarted(first, { quick: () => "another" });
    await second.clock.advance(60_000);
    expect(second.invocations).toEqual([]);
    const { output } = await second.describe(arn);
    expect(JSON.parse(String(output))).toEqual(["q", { kept: "yes" }]);
  });

  it("a Map continues with the remaining iterations", async () => {
    const definition = {
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          MaxConcurrency: 1,
          ItemProcessor: {
            StartAt: "Work",
            States: {
              Work: { Type: "Task", Resource: lambdaArn("work"), Next: "Rest" },
              Rest: { Type: "Wait", Seconds: 10, End: true },
            },
          },
          End: true,
        },
      },
    };
    const work = (event: unknown) => (event as number) * 10;
    const first = harness({ work });
    const arn = await first.start(definition, [1, 2, 3]);
    await first.clock.advance(15_000);
    expect(first.invocations).toHaveLength(2);

    const second = await restarted(first, { work });
    await second.clock.advance(60_000);
    expect(second.invocations).toHaveLength(1);
    expect((await second.describe(arn))["output"]).toBe("[10,20,30]");
  });

  it("retries continue their count, at the time that was set", async () => {
    const fails = () => {
      throw new FunctionError("Boom", "no");
    };
    const first = harness({ work: fails });
    const arn = await first.start({
      StartAt: "Work",
      States: {
        Work: {
          Type: "Task",
          Resource: lambdaArn("work"),
          Retry: [{ ErrorEquals: ["Boom"], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2 }],
          End: true,
        },
      },
    });
    await first.clock.advance(10_000);
    expect(first.invocations).toHaveLength(2);

    const second = await restarted(first, { work: fails });
    await second.clock.advance(19_999);
    expect(second.invocations).toHaveLength(0);
    await second.clock.advance(1);
    expect(second.invocations).toHaveLength(1);
    expect(await second.describe(arn)).toMatchObject({ status: "FAILED", error: "Boom" });
  });

  it("a status event that the bus had not accepted is delivered", async () => {
    const first = new Harness({
      database,
      publish: () => {
        throw new Error("down");
      },
    });
    const arn = await first.start({ StartAt: "P", States: { P: { Type: "Pass", End: true } } });
    expect(first.events).toEqual([]);
    const second = await restarted(first);
    expect(second.events.map((event) => [event.detail["executionArn"], event.detail["status"]])).toEqual([
      [arn, "RUNNING"],
      [arn, "SUCCEEDED"],
    ]);
  });
});

it("keeps sleeping executions on disk and not in memory", async () => {
  const sleeper = harness();
  const stateMachineArn = await sleeper.create({
    StartAt: "Sleep",
    States: { Sleep: { Type: "Wait", Seconds: 3600, End: true } },
  });
  const input = JSON.stringify({ padding: "x".repeat(2000) });
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 2_000; at += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        sleeper.call("StartExecution", { stateMachineArn, name: `run-${at + index}`, input }),
      ),
    );
  await sleeper.clock.settled();
  sleeper.events.length = 0;
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
  await sleeper.clock.advance(HOUR);
  const { executions } = await sleeper.call("ListExecutions", { stateMachineArn, statusFilter: "RUNNING" });
  expect(executions).toEqual([]);
  await sleeper.close();
});
