import { expect, it } from "vitest";
import type { Measured } from "./measure.ts";
import { reportOf } from "./report.ts";

const flow = (id: string, more: Partial<Measured> = {}): Measured => ({
  ...{ id, isFilled: false, differences: [], runs: [] },
  ...more,
});
const nothing = { published: 1, sets: new Map(), unnamed: new Map() };
const invalid = { refused: "no StartAt", refusedByAws: "SCHEMA_VALIDATION_FAILED" };

it("sums up, and is complete if AWS refuses all missing flows", () => {
  const measured = [
    flow("a"),
    flow("b", { isFilled: true }),
    flow("c", { isFilled: true }),
    flow("d", invalid),
  ];
  expect(reportOf(measured, nothing)).toMatchObject({
    summary: "4 flows: 1 as they stand, 2 filled, 3 ran as without Sluice, 1 refused by AWS too",
    isComplete: true,
  });
});

it.each<[what: string, measured: Measured, line: string]>([
  ["a flow is refused", flow("x", { refused: "no set" }), "    no set"],
  [
    "a run differs",
    flow("x", { differences: ["fair: output: 1 instead of 2"] }),
    "    fair: output: 1 instead of 2",
  ],
  [
    "AWS alone refuses it",
    flow("x", { refusedByAws: "why", differences: ["it is published"] }),
    "    it is published",
  ],
])("is not complete, and says why, if %s", (_, measured, line) => {
  const report = reportOf([flow("a"), measured], nothing);
  expect(report.isComplete).toBe(false);
  expect(report.lines).toContain(line);
});

it("is not complete if a refusal of the default does not say what opens it, unless AWS refuses the flow", () => {
  const unnamed = { ...nothing, unnamed: new Map([["d", ["no"]]]) };
  expect(reportOf([flow("d")], unnamed).isComplete).toBe(false);
  expect(reportOf([flow("d", invalid)], unnamed).isComplete).toBe(true);
});
