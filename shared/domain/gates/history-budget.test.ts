import { expect, test } from "vitest";
import { decideContinueAsNew } from "./history-budget.ts";

const LEAVE = { kind: "leave" };
const decided = (historyBudget: number) => ({ kind: "stay", historyBudget });

test.each([
  ["a history that has just begun gives out half of what is free", 0, 10, 1_000, decided(490)],
  ["half of the rest, and so on", 500, 10, 1_000, decided(240)],
  ["as much as just fits", 990, 10, 1_000, decided(0)],
  ["one more leaves", 991, 10, 1_000, LEAVE],
  ["a state that takes nearly all wants a history nearly empty", 5_000, 19_000, 24_000, decided(0)],
  ["and leaves one that is not", 5_001, 19_000, 24_000, LEAVE],
  ["a history beyond the mark", 1_200, 10, 1_000, LEAVE],
  ["a state that never fits", 0, 2_000, 1_000, LEAVE],
])("%s", (_what, length, growth, mark, expected) => {
  expect(decideContinueAsNew(length, growth, mark)).toEqual(expected);
});

test("a loop of small steps checks its history about ten times and never reaches the limit", () => {
  const growth = 17;
  const really = 12;
  let length = 5;
  let historyBudget = 24_000 / 2;
  let looks = 0;
  for (;;) {
    if (historyBudget >= growth) historyBudget -= growth;
    else {
      looks += 1;
      const decision = decideContinueAsNew(length, growth, 24_000);
      if (decision.kind === "leave") break;
      historyBudget = decision.historyBudget;
    }
    length += really;
  }
  expect(looks).toBeLessThan(25);
  expect(length).toBeGreaterThan(23_900);
  expect(length).toBeLessThan(24_000);
});
