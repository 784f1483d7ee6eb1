import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { clientFor, eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

const FLOWS: Record<string, JsonObject> = {
  steps: tasks("one", "two", "three"),
  wait: chain({ Wait: { Type: "Wait", Seconds: 86_400 }, three: task("three") }),
  parallel: chain({
    Fan: {
      Type: "Parallel",
      Branches: [tasks("one", "two"), chain({ other: task("two") })],
      ResultPath: "$.fan",
    },
    three: task("three"),
  }),
  map: chain({
    Each: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...tasks("one", "two") },
      ResultPath: "$.each",
    },
    three: task("three"),
  }),
};

describe("kill -9 during 100 runs", () => {
  const data = mkdtempSync(join(tmpdir(), "sluice-kill-"));
  const functions = functionsFolder("one", "two", "three");
  let stack: StackProcess | undefined;
  afterAll(async () => {
    await stack?.kill();
    functions.remove();
    rmSync(data, { recursive: true, force: true });
  });

  it("loses no run and no pause, and repeats only steps in progress", async () => {
    const start = () => startStackProcess("--port", "0", "--data", data, "--functions", functions.dir);
    stack = await start();
    const admin = await clientFor(stack.url, "admin");
    for (const [flowId, definition] of Object.entries(FLOWS)) await admin.publish(flowId, definition);

    functions.block("two");
    const runs: { runId: string; flowId: string }[] = [];
    for (let i = 0; i < 100; i++) {
      const flowId = Object.keys(FLOWS)[i % 4] ?? "steps";
      const payload = { i, items: [0, 1, 2].map((n) => ({ i, n })) };
      runs.push({ flowId, runId: (await admin.dispatch(flowId, payload)).runId });
    }
    for (const { runId } of runs) await admin.until(runId, (run) => run.status !== "pending", 60);
    const paused = new Set<string>();
    for (const [i, { flowId, runId }] of runs.entries()) {
      if (flowId !== "wait" && i % 3 === 0) {
        expect((await admin.act(runId, "pause")).status).toBe(200);
        paused.add(runId);
      }
    }
    await stack.kill();
    const inProgress = new Map<string, number>();
    for (const call of functions.calls()) {
      const key = `${call.name} ${JSON.stringify(call.event)}`;
      inProgress.set(key, (inProgress.get(key) ?? 0) + (call.at === "begin" ? 1 : -1));
    }

    functions.release("two");
    stack = await start();
    const again = await clientFor(stack.url, "admin");
    for (const { runId, flowId } of runs) {
      if (paused.has(runId)) {
        expect((await again.run(runId)).status).toBe("paused");
        expect((await again.act(runId, "resume")).status).toBe(200);
      } else if (flowId === "wait") {
        expect((await again.run(runId)).status).toBe("waiting");
      }
    }
    await again.advance("P1DT1H");
    for (const { runId } of runs) await again.untilStatus(runId, "completed", 60);
    await eventually(async () => (stack && (await leftovers(stack.url)).length === 0) || undefined);

    const begun = new Map<string, number>();
    for (const call of functions.calls()) {
      if (call.at !== "begin") continue;
      const key = `${call.name} ${JSON.stringify(call.event)}`;
      begun.set(key, (begun.get(key) ?? 0) + 1);
    }
    // In the Parallel two branches call the same function with different inputs, so a key is one step of one record.
    for (const [key, count] of begun)
      expect([key, count <= 1 + (inProgress.get(key) ?? 0)]).toEqual([key, true]);
    expect(await stack.stop()).toBe(0);
    stack = undefined;
  }, 180_000);
});
