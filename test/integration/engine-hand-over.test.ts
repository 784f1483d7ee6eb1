import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readRun } from "../../shared/domain/read-run.ts";
import { readSteps } from "../../shared/domain/read-steps.ts";
import type { Json, JsonObject } from "../../shared/model/json.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import type { RunRecord } from "../../shared/store/records.ts";
import { EngineRig, task } from "../support/engine-rig.ts";

const MARK = 120;

/** Counts to `n` in its input; `seen` is what the function was called with. */
const counting: JsonObject = {
  StartAt: "Count",
  States: {
    Count: task("count", { Next: "Enough" }),
    Enough: {
      Type: "Choice",
      Choices: [{ Variable: "$.i", NumericLessThanPath: "$.n", Next: "Count" }],
      Default: "Done",
    },
    Done: { Type: "Succeed" },
  },
};

let rig: EngineRig;
let seen: Json[];
beforeAll(async () => {
  process.env[SETTINGS.historyMark] = String(MARK);
  rig = await EngineRig.start();
  rig.functions.set("count", (event) => {
    seen.push(event);
    const { i, n } = event as { i: number; n: number };
    return { i: i + 1, n };
  });
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await rig.close();
  delete process.env[SETTINGS.historyMark];
});

const rounds = (): number[] => seen.map((event) => (event as { i: number }).i);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** How long each execution's history came to be. */
const lengths = async (run: RunRecord): Promise<number[]> => {
  const found: number[] = [];
  const { executionArn: arn = "" } = (await readRun(rig.deps, run.workspace, run.runId)).run;
  for (let attempt = 1; attempt <= run.attempt; attempt += 1) {
    found.push(await rig.deps.executions.length(arn.replace(/\.\d+$/, `.${attempt}`)));
  }
  return found;
};

describe("a run that loops", () => {
  test("goes on in fresh executions, each within the mark, nothing repeated and nothing lost", async () => {
    const run = await rig.dispatch(counting, { i: 0, n: 60 });
    expect(run.status).toBe("completed");
    expect(rounds()).toEqual(upTo(60));
    expect(run.attempt).toBeGreaterThan(5);
    const all = await lengths(run);
    for (const length of all) expect(length).toBeLessThan(MARK + 20);
    const { items } = await readSteps(rig.deps, run.workspace, run.runId, { limit: 200 });
    expect(items.map(({ seq, name, status }) => [seq, name, status])).toEqual(
      upTo(60).map((i) => [i + 1, "Count", "completed"]),
    );
    expect(items.map(({ input, output }) => [input, output])).toEqual(
      upTo(60).map((i) => [
        { i, n: 60 },
        { i: i + 1, n: 60 },
      ]),
    );
  });
});
