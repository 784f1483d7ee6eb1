import { expect, test } from "vitest";
import type { HistoryEvent } from "../../outbound/ports.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { readVisits } from "./history.ts";
import { endOfVisit, matchVisits } from "./history-ends.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const iso = (second: number) => new Date(START + second * 1000).toISOString();

/** An event at `id` seconds. */
const event = (
  id: number,
  previousId: number,
  type: string,
  more: Partial<HistoryEvent> = {},
): HistoryEvent => ({
  id,
  previousId,
  type,
  time: START + id * 1000,
  ...more,
});
async function* stream(events: readonly HistoryEvent[]) {
  yield* events;
}
const visits = (...events: HistoryEvent[]) => readVisits(stream(events));

const step = (name: string, path: string, entered: number): StepItem => ({
  stepId: `${name}|${path}|${entered}`,
  name,
  type: "Task",
  path,
  entered: iso(entered),
  startedAt: iso(entered),
  after: [],
});

const run = (status: RunItem["status"]): RunItem => ({
  runId: "r",
  workspace: "demo",
  flowId: "f",
  incarnation: "abcdefghijklmnop",
  version: 1,
  attempt: 1,
  status,
  rev: 3,
  createdAt: iso(0),
  updatedAt: iso(90),
  endedAt: iso(99),
  startedBy: { kind: "user", id: "ann" },
  runAs: "user",
  recentAudit: [],
});

/** Two interleaved iterations of a Map: in one, a visit fails and is caught; the other succeeds at the second attempt. */
const map = [
  event(1, 0, "ExecutionStarted"),
  event(2, 0, "MapStateEntered", { name: "Each" }),
  event(3, 2, "MapStateStarted"),
  event(4, 3, "MapIterationStarted", { name: "Each", index: 0 }),
  event(5, 4, "TaskStateEntered", { name: "Work", input: "0" }),
  event(6, 3, "MapIterationStarted", { name: "Each", index: 1 }),
  event(7, 6, "TaskStateEntered", { name: "Work", input: "1" }),
  event(8, 5, "TaskScheduled"),
  event(9, 7, "TaskScheduled"),
  event(10, 8, "TaskFailed", { error: "Boom", cause: "zero" }),
  event(11, 9, "TaskFailed", { error: "Flaky", cause: "one" }),
  event(12, 10, "TaskStateExited", { name: "Work", output: '{"Error":"Boom"}' }),
  event(13, 11, "TaskScheduled"),
  event(14, 13, "TaskSucceeded"),
  event(15, 14, "TaskStateExited", { name: "Work", output: '"one"' }),
  event(16, 12, "MapIterationSucceeded", { name: "Each", index: 0 }),
  event(17, 15, "MapIterationSucceeded", { name: "Each", index: 1 }),
  event(18, 17, "MapStateSucceeded"),
  event(19, 18, "MapStateExited", { name: "Each", output: "[]" }),
  event(20, 19, "TaskStateEntered", { name: "After", input: "[]" }),
];

test("distinguishes the iterations of a Map, a caught error from a retried one, and what follows", async () => {
  const seen = await visits(...map);
  expect(
    seen.map(({ state, iterations, exited, output, failed }) => [
      state,
      iterations.join("/"),
      exited === undefined ? undefined : (exited - START) / 1000,
      output,
      failed?.error,
    ]),
  ).toEqual([
    ["Each", "", 19, "[]", undefined],
    ["Work", "Each[0]", 12, '{"Error":"Boom"}', "Boom"],
    ["Work", "Each[1]", 15, '"one"', undefined],
    ["After", "", undefined, undefined, undefined],
  ]);
});

test("finds each step's own visit, even in a Parallel whose branches the history does not number", async () => {
  const steps = [
    step("Each", "", 1),
    step("Work", "Each[1]", 6),
    step("Work", "Each[0]", 4),
    step("After", "", 19),
  ];
  const matched = matchVisits(steps, await visits(...map));
  expect(steps.map(({ stepId }) => matched.get(stepId)?.input)).toEqual([undefined, "1", "0", "[]"]);

  const parallel = await visits(
    event(1, 0, "ParallelStateEntered", { name: "Fan" }),
    event(2, 1, "ParallelStateStarted"),
    event(3, 2, "TaskStateEntered", { name: "Left", input: '"l"' }),
  );
  const left = step("Left", "Fan[0]", 2);
  expect(matchVisits([left], parallel).get(left.stepId)?.input).toBe('"l"');
});

test("matches each visit of a loop with its own step", async () => {
  const loop = await visits(
    event(1, 0, "TaskStateEntered", { name: "Work", input: "1" }),
    event(2, 1, "TaskStateExited", { name: "Work", output: "2" }),
    event(3, 2, "TaskStateEntered", { name: "Work", input: "2" }),
  );
  const steps = [step("Work", "", 0), step("Work", "", 3)];
  const matched = matchVisits(steps, loop);
  expect(steps.map(({ stepId }) => matched.get(stepId)?.input)).toEqual(["1", "2"]);
});

test("matches them even if a visit and the next gate begin in the same millisecond", async () => {
  const loop = await visits(
    event(1, 0, "TaskStateEntered", { name: "Work", input: "1" }),
    event(1, 0, "TaskStateExited", { name: "Work", output: "2" }),
    event(2, 1, "TaskStateEntered", { name: "Work", input: "2" }),
    event(2, 1, "TaskStateExited", { name: "Work", output: "3" }),
    event(3, 2, "TaskStateEntered", { name: "Work", input: "3" }),
  );
  const steps = [step("Work", "", 0), step("Work", "", 1), step("Work", "", 2)];
  const matched = matchVisits(steps, loop);
  expect(steps.map(({ stepId }) => matched.get(stepId)?.input)).toEqual(["1", "2", "3"]);
});

test("matches a step with an inline gate even if the history's time is a little earlier than the context object's", async () => {
  const loop = await visits(
    event(1, 0, "TaskStateEntered", { name: "Work", input: "1" }),
    event(1.5, 1, "TaskStateExited", { name: "Work", output: "2" }),
    event(2, 2, "TaskStateEntered", { name: "Work", input: "2" }),
  );
  const steps = [step("Work", "", 1.002), step("Work", "", 2.002)];
  const matched = matchVisits(steps, loop);
  expect(steps.map(({ stepId }) => matched.get(stepId)?.input)).toEqual(["1", "2"]);
  const [alone] = steps.slice(1);
  expect(matchVisits(steps.slice(1), loop).get(alone?.stepId ?? "")?.input).toBe("2");
});

test("ends the open steps of a run that has ended, and none of one that continues", async () => {
  const [open] = await visits(event(1, 0, "TaskStateEntered", { name: "Work" }));
  expect(endOfVisit(run("running"), open)).toBeUndefined();
  expect(endOfVisit(run("cancelled"), open)).toEqual({ at: iso(99), status: "cancelled" });
  expect(endOfVisit(run("cancelled"), undefined)).toEqual({ at: iso(99), status: "cancelled" });
});

test("keeps the size of an output that is too long for the step's item", async () => {
  const output = JSON.stringify("ä".repeat(60_000));
  const [visit] = await visits(
    event(1, 0, "TaskStateEntered", { name: "Work" }),
    event(2, 1, "TaskStateExited", { name: "Work", output }),
  );
  expect(endOfVisit(run("running"), visit)).toEqual({ at: iso(2), status: "completed", outputSize: 120_002 });
});

/** One branch fails, in a Map inside a Parallel; a Task and another iteration are stopped with it. */
const failing = [
  event(1, 0, "ParallelStateEntered", { name: "Fan" }),
  event(2, 1, "ParallelStateStarted"),
  event(3, 2, "MapStateEntered", { name: "Each" }),
  event(4, 2, "TaskStateEntered", { name: "Slow" }),
  event(5, 3, "MapStateStarted"),
  event(6, 5, "MapIterationStarted", { name: "Each", index: 0 }),
  event(7, 6, "TaskStateEntered", { name: "Work" }),
  event(8, 5, "MapIterationStarted", { name: "Each", index: 1 }),
  event(9, 8, "TaskStateEntered", { name: "Work" }),
  event(10, 9, "TaskFailed", { error: "Boom", cause: "one" }),
  event(11, 10, "MapIterationFailed", { name: "Each", index: 1 }),
  event(12, 10, "TaskStateAborted"),
  event(13, 11, "MapStateFailed"),
  event(14, 13, "TaskStateAborted"),
  event(15, 13, "ParallelStateFailed"),
  event(16, 15, "ParallelStateExited", { name: "Fan", output: "{}" }),
  event(17, 16, "TaskStateEntered", { name: "After" }),
];

test("a caught failure in a branch fails its step and those around it, and cancels the others", async () => {
  const ends = (await visits(...failing)).map((visit) => [visit.state, endOfVisit(run("running"), visit)]);
  const boom = { error: "Boom", cause: "one" };
  expect(ends).toEqual([
    ["Fan", { at: iso(16), status: "failed", error: boom }],
    ["Each", { at: iso(13), status: "failed", error: boom }],
    ["Slow", { at: iso(15), status: "cancelled" }],
    ["Work", { at: iso(13), status: "cancelled" }],
    ["Work", { at: iso(10), status: "failed", error: boom }],
    ["After", undefined],
  ]);
});

test("a failure that may be retried is not an end", async () => {
  const [waits] = await visits(
    event(1, 0, "TaskStateEntered", { name: "Work" }),
    event(2, 1, "TaskFailed", { error: "Flaky", cause: "" }),
  );
  expect(endOfVisit(run("running"), waits)).toBeUndefined();
  expect(endOfVisit(run("failed"), waits)?.status).toBe("failed");
});

test("a step that waits for its next attempt is cancelled with its run, its execution or the Parallel around it", async () => {
  const failing = [
    event(1, 0, "TaskStateEntered", { name: "Work" }),
    event(2, 1, "TaskFailed", { error: "Flaky", cause: "" }),
  ];
  const [waits] = await visits(...failing);
  expect(endOfVisit(run("cancelled"), waits)).toEqual({ at: iso(99), status: "cancelled" });
  const aborted = { at: iso(50), aborted: true };
  expect(endOfVisit(run("running"), waits, aborted)).toEqual({ at: iso(50), status: "cancelled" });
  expect(endOfVisit(run("running"), waits, { ...aborted, aborted: false })?.status).toBe("failed");
  // The last attempt failed in the moment of the cancel.
  const [over] = await visits(...failing, event(3, 2, "ExecutionFailed", { error: "Flaky" }));
  expect(endOfVisit(run("cancelled"), over)?.status).toBe("failed");

  const [, work, sibling] = await visits(
    event(1, 0, "ParallelStateEntered", { name: "Fan" }),
    event(2, 1, "ParallelStateStarted"),
    event(3, 2, "TaskStateEntered", { name: "Work" }),
    event(4, 2, "TaskStateEntered", { name: "Sibling" }),
    event(5, 3, "TaskFailed", { error: "Flaky", cause: "" }),
    event(6, 4, "TaskFailed", { error: "Boom", cause: "" }),
    event(7, 6, "ParallelStateFailed"),
  );
  expect(endOfVisit(run("running"), work)).toEqual({ at: iso(7), status: "cancelled" });
  expect(endOfVisit(run("running"), sibling)?.status).toBe("failed");
});

test("a Parallel that is retried runs again", async () => {
  const [fan, first, second] = await visits(
    event(1, 0, "ParallelStateEntered", { name: "Fan" }),
    event(2, 1, "ParallelStateStarted"),
    event(3, 2, "TaskStateEntered", { name: "Work" }),
    event(4, 3, "TaskFailed", { error: "Flaky" }),
    event(5, 4, "ParallelStateFailed"),
    event(6, 5, "ParallelStateStarted"),
    event(7, 6, "TaskStateEntered", { name: "Work" }),
  );
  expect(fan?.failed).toBeUndefined();
  expect(endOfVisit(run("running"), first)?.status).toBe("failed");
  expect(endOfVisit(run("running"), second)).toBeUndefined();
});
