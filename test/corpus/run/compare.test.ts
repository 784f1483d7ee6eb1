import { expect, it } from "vitest";
import type { Machine } from "../../../shared/asl/parse/machine.ts";
import { readMachine } from "../../../shared/asl/parse/read-machine.ts";
import { differencesBetween, hasAborted } from "./compare.ts";
import { comparable, type Outcome } from "./outcome.ts";

const call = { Type: "Task", Resource: "arn:aws:lambda:eu-west-1:111122223333:function:f", End: true };
const branch = (name: string) => ({ StartAt: name, States: { [name]: call } });
const machine = readMachine(
  {
    StartAt: "Fan",
    States: {
      Fan: { Type: "Parallel", Branches: [branch("One"), branch("Two")], Next: "Last" },
      Last: call,
    },
  },
  () => undefined,
) as Machine;

const outcome: Outcome = {
  ...{ status: "SUCCEEDED", output: "1", error: undefined, cause: undefined, gated: 3, failedAt: [] },
  calls: ["One", "Two", "Last"].map((state) => ({ state, resource: "f", parameters: "{}" })),
  ...{ received: ['["f",{}]'], readerFailures: [] },
};
const without = (state: string) => outcome.calls.filter((one) => one.state !== state);

it("finds nothing in equal outcomes", () => {
  expect(differencesBetween(machine, outcome, { ...outcome, gated: 9 })).toEqual([]);
});

it.each<[what: string, other: Partial<Outcome>, found: RegExp]>([
  ["status", { status: "FAILED" }, /^status: FAILED instead of SUCCEEDED$/],
  ["output", { output: undefined }, /^output: nothing instead of 1$/],
  ["error", { error: "E" }, /^error: E instead of nothing$/],
  ["cause", { cause: "c" }, /^cause/],
  ["a missing call", { calls: without("Two") }, /^calls: 1 missing: .*Two/],
  ["a call twice", { calls: [...outcome.calls, ...outcome.calls.slice(2)] }, /^calls: 1 additional: .*Last/],
  ["an event that a callee got", { received: [] }, /^calls: 1 missing: \["f",\{\}\]$/],
])("finds another %s", (_, other, found) => {
  expect(differencesBetween(machine, outcome, { ...outcome, ...other })).toEqual([
    expect.stringMatching(found),
  ]);
});

it("does not compare the calls of branches that a failure aborts, but all others", () => {
  const failed = { ...outcome, failedAt: ["One"] };
  expect(differencesBetween(machine, failed, { ...failed, calls: without("Two"), received: [] })).toEqual([]);
  expect(differencesBetween(machine, failed, { ...failed, calls: without("Last") })).toHaveLength(1);
});

it("knows whether a failure aborted branches", () => {
  expect(hasAborted(machine, { ...outcome, failedAt: ["One"] })).toBe(true);
  expect(hasAborted(machine, { ...outcome, failedAt: ["Last"] })).toBe(false);
});

it("compares without names, ids, times and tokens", () => {
  const named = (name: string, id: string, time: string): Outcome =>
    comparable(
      { ...outcome, output: JSON.stringify({ z: `${name} of m`, id, time, at: Date.parse(time), kept: 17 }) },
      { executionArns: [], executions: [name], machineArn: "arn:m", machine: "m" },
    );
  const one = named("run-1", "0b9f7a52-3b0c-4f5e-9d3a-111111111111", "2026-11-28T10:00:00.000Z");
  const other = named("run-2", "1c9f7a52-3b0c-4f5e-9d3a-222222222222", "2026-11-29T11:30:00Z");
  expect(one).toEqual(other);
  expect(one.output).toContain('"kept":17');
});
