import { expect, test } from "vitest";
import { FLOW_STATUSES, flowStatus, HOLD_KINDS } from "./kinds.ts";

test.each([
  [[], "active"],
  [["manual"], "paused"],
  [["throughput"], "paused_safety"],
  [["spend"], "paused_safety"],
  [["manual", "throughput"], "paused_safety"],
  [["manual", "spend"], "paused_safety"],
  [["errors"], "paused_safety"],
  [["manual", "errors"], "paused_safety"],
] as const)("a flow with the holds %j is %s", (kinds, status) => {
  expect(flowStatus(Object.fromEntries(kinds.map((kind) => [kind, {}])))).toBe(status);
});

test("the kinds and statuses are those of the documentation", () => {
  expect(HOLD_KINDS).toEqual(["manual", "throughput", "spend", "errors", "incident"]);
  expect(FLOW_STATUSES).toEqual(["active", "paused", "paused_safety"]);
});
