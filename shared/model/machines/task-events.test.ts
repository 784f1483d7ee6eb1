import { expect, test } from "vitest";
import { GATE_FAILED, GATE_UNREACHABLE, generatedName, stateInName, TASK_ERRORS } from "./task-events.ts";

test.each([
  ["Gate - Ship", "Ship"],
  ["Gate - Ship - it", "Ship - it"],
  [" - Ship", "Ship"],
  ["Ship", undefined],
])("the user's state in %j is %j", (generated, state) => {
  expect(stateInName(generated)).toBe(state);
});

// Compiled flows contain these texts for ever.
test("names of generated states and of errors stay the same", () => {
  expect(generatedName("Gate", "Ship")).toBe("Gate - Ship");
  expect({ ...TASK_ERRORS, GATE_UNREACHABLE, GATE_FAILED }).toEqual({
    paused: "Sluice.Paused",
    closed: "Sluice.Closed",
    timedOut: "Sluice.TimedOut",
    accessDenied: "Sluice.AccessDenied",
    rejected: "Sluice.Rejected",
    notARun: "Sluice.NotARun",
    runIsOver: "Sluice.RunIsOver",
    flowHeld: "Sluice.FlowHeld",
    continueAsNew: "Sluice.Continuation",
    arrival: "Sluice.Arrival",
    GATE_UNREACHABLE: "Sluice.GateUnreachable",
    GATE_FAILED: "Sluice.GateFailed",
  });
});
