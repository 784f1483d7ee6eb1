import type { Scenario } from "../scenario.ts";
import { dispatchScenarios } from "./dispatch.ts";
import { flowScenarios } from "./flows.ts";
import { machineScenarios } from "./machines.ts";
import { otherScenarios } from "./others.ts";
import { readScenarios } from "./reads.ts";
import { runScenarios } from "./runs.ts";
import { retentionScenarios, sweepScenarios } from "./sweeps.ts";

/** Together on one stack, at one time. */
export const scenarios: readonly Scenario[] = [
  ...dispatchScenarios,
  ...runScenarios,
  ...flowScenarios,
  ...machineScenarios,
  ...otherScenarios,
  ...sweepScenarios,
  ...readScenarios,
];

/** After a leap of time. */
export const laterScenarios: readonly Scenario[] = retentionScenarios;
