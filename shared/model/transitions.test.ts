import { expect, test } from "vitest";
import {
  allowedActions,
  isDeletable,
  isReplayable,
  isTerminal,
  nextStatus,
  RUN_STATUSES,
  type RunStatus,
  statusesThatAllow,
  TRANSITIONS,
  type Transition,
} from "./transitions.ts";

/** Written out from docs/runs/run-statuses.md: by status, where each transition leads. */
const EXPECTED: Readonly<Record<RunStatus, Partial<Record<Transition, RunStatus>>>> = {
  pending: {
    ...{ pause: "paused", cancel: "cancelled", begin: "running", hold: "paused", halt: "paused" },
    ...{ complete: "completed", fail: "failed" },
  },
  running: {
    ...{ pause: "paused", cancel: "cancelled", wait: "waiting", hold: "paused", halt: "paused" },
    ...{ complete: "completed", fail: "failed" },
  },
  paused: {
    ...{ resume: "running", cancel: "cancelled", requeue: "pending", release: "running", halt: "paused" },
    ...{ complete: "completed", fail: "failed" },
  },
  waiting: {
    cancel: "cancelled",
    proceed: "running",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  completed: {},
  failed: {},
  cancelled: {},
};

const statuses = Object.keys(EXPECTED) as RunStatus[];
const transitions: readonly Transition[] = [
  ...(["pause", "resume", "cancel", "requeue", "begin", "wait"] as const),
  ...(["proceed", "hold", "release", "halt", "complete", "fail"] as const),
];

test("the statuses and transitions are those of the documentation", () => {
  expect(RUN_STATUSES).toEqual(statuses);
  expect(TRANSITIONS).toEqual(transitions);
});

test.each(statuses)("%s allows exactly its transitions", (status) => {
  const found = transitions.flatMap((transition) => {
    const next = nextStatus(status, transition);
    return next === undefined ? [] : [[transition, next]];
  });
  expect(Object.fromEntries(found)).toEqual(EXPECTED[status]);
});

test.each([
  ["pause", ["pending", "running"]],
  ["resume", ["paused"]],
  ["cancel", ["pending", "running", "paused", "waiting"]],
  ["proceed", ["waiting"]],
  ["begin", ["pending"]],
] as const)("%s is allowed from %j", (transition, from) => {
  expect(statusesThatAllow(transition)).toEqual(from);
});

test.each([
  ["pending", ["pause", "cancel"], false, false],
  ["running", ["pause", "cancel"], false, false],
  ["paused", ["resume", "cancel"], false, true],
  ["waiting", ["cancel"], false, false],
  ["completed", [], true, true],
  ["failed", [], true, true],
  ["cancelled", [], true, true],
] as const)("a run that is %s", (status, actions, over, deletable) => {
  expect(allowedActions(status)).toEqual(actions);
  expect([isTerminal(status), isReplayable(status)]).toEqual([over, over]);
  expect(isDeletable({ status, queued: false })).toBe(deletable);
  expect(isDeletable({ status, queued: true })).toBe(true);
});
