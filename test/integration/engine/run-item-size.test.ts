import { afterAll, beforeAll, expect, test } from "vitest";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { startRun } from "../../../shared/domain/runs/start-run.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { keys } from "../../../shared/store/keys.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, EngineHarness, task } from "../../harness/engine/engine-harness.ts";

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
});
afterAll(() => harness.close());

/** The size that DynamoDB bills: names and strings in UTF-8 bytes, and for a list or map, 3 bytes and 1 per element. */
const sizeOf = (value: unknown): number => {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return Math.ceil(String(value).length / 2) + 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + 1 + sizeOf(one), 3);
  if (typeof value !== "object" || value === null) return 1;
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + 1 + Buffer.byteLength(name) + sizeOf(one),
    3,
  );
};
const itemSize = async (run: RunItem): Promise<number> => {
  const item = (await harness.deps.table.get(keys.run(run.workspace, run.runId))) ?? {};
  return Object.entries(item).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + sizeOf(one), 0);
};

test("the run item, billed at every step, stays under 1 KB", async () => {
  const flow: JsonObject = {
    StartAt: "Charge the card",
    TimeoutSeconds: 86_400,
    States: { "Charge the card": task("look", { Next: "Ship" }), Ship: task("work", { End: true }) },
  };
  const sizes: Record<string, number> = {};
  harness.functions.set("look", async (event) => {
    const run = await harness.running();
    sizes["begun"] = await itemSize(run);
    await pauseRun(harness.deps, { ...run, actor: ANN, reason: "Waiting for the warehouse to call back" });
    sizes["paused"] = await itemSize(run);
    return event;
  });
  harness.functions.set("work", async (event) => {
    sizes["resumed"] = await itemSize(await harness.running());
    return event;
  });
  const run = await harness.dispatch(flow, {}, false);
  sizes["pending"] = await itemSize(run);
  await startRun(harness.deps, run);
  await harness.settle();
  sizes["parked"] = await itemSize(run);
  await resumeRun(harness.deps, { ...run, actor: ANN });
  await harness.settle();
  expect((await harness.run(run)).status).toBe("completed");
  expect(Object.keys(sizes)).toEqual(["pending", "begun", "paused", "parked", "resumed"]);
  // Being paused adds one or two writes; at the steps before and after, each additional KB is one more write unit.
  const { paused: _paused, parked: _parked, ...atSteps } = sizes;
  expect(Object.values(atSteps).filter((size) => size >= 1024)).toEqual([]);
});
