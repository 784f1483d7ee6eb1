import { expect, test } from "vitest";
import { standingText } from "./standing.ts";

const at = "2026-03-01T12:00:00.000Z";
const user = { kind: "user", id: "ann", at } as const;

test.each([
  ["a step is still running", { pausedBy: user, currentStep: "Charge" }, "at Charge"],
  [
    "it stopped between two steps",
    { pausedBy: user, parkedAt: at, currentStep: "Charge", stoppedBefore: "Ship" },
    "after Charge, before Ship",
  ],
  [
    "it stopped before its first step",
    { pausedBy: user, parkedAt: at, stoppedBefore: "Charge" },
    "before Charge",
  ],
  [
    "it stopped at the end",
    { pausedBy: user, parkedAt: at, currentStep: "Ship", stoppedBefore: "" },
    "after Ship, at the end",
  ],
  [
    "a step stopped before its next attempt",
    { pausedBy: user, parkedAt: at, currentStep: "Ship", stoppedBefore: "Ship" },
    "before Ship",
  ],
  ["it stopped inside branches", { pausedBy: user, parkedAt: at, currentStep: "Fan" }, "at Fan"],
  [
    "a step failed",
    { pausedBy: { kind: "error", at, state: "Ship" }, parkedAt: at, currentStep: "Ship" },
    "at Ship",
  ],
  ["it is queued", { pausedBy: user, parkedAt: at, queued: true }, ""],
  ["it runs", { status: "running", currentStep: "Ship" }, ""],
] as const)("%s", (_name, run, text) => {
  expect(standingText({ status: "paused", queued: false, ...run })).toBe(text);
});
