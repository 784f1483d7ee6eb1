import { expect, test } from "vitest";
import { alignSteps, isDifferent, textOf } from "./align.ts";

const step = (name: string, more: object = {}) => ({
  ...{ stepId: name, name, status: "completed" as const, startedAt: "", endedAt: "", input: {}, output: 1 },
  ...more,
});

test("each visit has its counterpart in the same branch; the rest is last", () => {
  const pairs = alignSteps(
    [step("A"), step("Loop"), step("Loop"), step("Item", { branch: "Each[1]" }), step("Own")],
    [step("Loop"), step("Item", { branch: "Each[0]" }), step("Item", { branch: "Each[1]" }), step("A")],
  );
  expect(
    pairs.map(({ name, branch = "", visit, own, other }) =>
      [name, branch, visit, own === undefined ? "other" : other === undefined ? "own" : "both"].join(" "),
    ),
  ).toEqual([
    ...["A  1 both", "Loop  1 both", "Loop  2 own", "Item Each[1] 1 both", "Own  1 own"],
    "Item Each[0] 1 other",
  ]);
});

test("says in which parts two steps differ, whatever the order of their fields", () => {
  const [same, changed] = alignSteps(
    [
      step("A", { input: { a: 1, b: [1, 2] } }),
      step("B", { input: { a: 1 }, status: "failed", output: undefined }),
    ],
    [step("A", { input: { b: [1, 2], a: 1 } }), step("B", { input: { a: 2 } })],
  );
  expect(same?.differs).toEqual([]);
  expect(changed?.differs).toEqual(["status", "input", "output"]);
  expect([same, changed].map((pair) => pair !== undefined && isDifferent(pair))).toEqual([false, true]);
  expect(textOf([{ b: 1, a: 2 }])).toBe('[\n  {\n    "a": 2,\n    "b": 1\n  }\n]');
});
