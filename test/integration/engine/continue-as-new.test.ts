import { describe, expect, test } from "vitest";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { task } from "../../harness/engine/engine-harness.ts";
import { loopingRuns, MARK, until, upTo } from "../../harness/engine/looping-runs.ts";

const looping = await loopingRuns();
const { harness, flow } = looping;
const text = (value: Json): string => JSON.stringify(value);

describe("a run that loops", () => {
  test("race 13: continues as new within the budget, with the steps and audit of a single run", async () => {
    const run = await harness.dispatchTo(flow, { i: 0, n: 12 });
    await looping.expectWhole(run, 12);
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
    expect(looping.rounds()).toEqual(upTo(6));
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
    expect(looping.seen.toSorted((one, other) => text(one).localeCompare(text(other)))).toEqual(
      wanted.toSorted((one, other) => text(one).localeCompare(text(other))),
    );
    const steps = await looping.stepsOf(run);
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
    expect(looping.seen).toEqual(upTo(n).map((i) => ({ i, n, text: large })));
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
