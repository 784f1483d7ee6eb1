import { expect, test } from "vitest";
import { chain, task, tasks } from "../../test/harness/definitions.ts";
import { callsAgain } from "./calls-again.ts";
import { machineOf } from "./parse/graph.ts";
import type { Machine } from "./parse/machine.ts";

const machine = (definition: unknown): Machine => {
  const read = machineOf(definition);
  if (read === undefined) throw new Error("The definition has no machine");
  return read;
};
const row = machine(tasks("one", "two", "three"));
const fan = machine(
  chain({
    one: task("one"),
    Fan: { Type: "Parallel", Branches: [tasks("a", "b"), tasks("c")] },
    last: task("last"),
  }),
);
const loop = machine({
  StartAt: "one",
  States: {
    one: task("one", { Next: "two" }),
    two: task("two", { Next: "More" }),
    More: { Type: "Choice", Choices: [{ Variable: "$.x", IsPresent: true, Next: "one" }], Default: "End" },
    End: { Type: "Pass", End: true },
  },
});

test.each([
  ["a state that has not begun", row, { state: "two", entered: false }, row, "two", []],
  ["a state that has begun", row, { state: "two", entered: true }, row, "two", ["two"]],
  ["an earlier state", row, { state: "three", entered: false }, row, "one", ["one", "two"]],
  ["the end", row, { state: "", entered: true }, row, "", []],
  ["the start, from the end", row, { state: "", entered: true }, row, "one", ["one", "two", "three"]],
  ["every branch of a state", fan, { state: "Fan", entered: true }, fan, "Fan", ["a", "b", "c"]],
  ["a loop", loop, { state: "two", entered: false }, loop, "two", ["one", "two"]],
  ["another version", fan, { state: "Fan", entered: true }, row, "one", ["one"]],
] as const)("continuing at %s", (_name, before, reached, after, at, expected) => {
  expect(callsAgain(before, reached, { machine: after, at })).toEqual(expected);
});
