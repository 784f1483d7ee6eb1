import type { Scenario } from "../scenario.ts";
import { attachedScenarios } from "./attached.ts";
import { dispatchScenarios } from "./dispatch.ts";
import { flowScenarios } from "./flows.ts";
import { incidentScenarios } from "./incidents.ts";
import { intakeScenarios } from "./intake.ts";
import { machineScenarios } from "./machines.ts";
import { otherScenarios } from "./others.ts";
import { readScenarios } from "./reads.ts";
import { registeredScenarios } from "./registered.ts";
import { runScenarios } from "./runs.ts";
import { slotScenarios } from "./slots.ts";
import { parkedScenarios, retentionScenarios, sweepScenarios } from "./sweeps.ts";

/** Scenarios that share an environment. */
export const scenarios: readonly Scenario[] = [
  ...dispatchScenarios,
  ...runScenarios,
  ...flowScenarios,
  ...attachedScenarios,
  ...registeredScenarios,
  ...machineScenarios,
  ...slotScenarios,
  ...intakeScenarios,
  ...incidentScenarios,
  ...otherScenarios,
  ...sweepScenarios,
  ...readScenarios,
];

/** Scenarios that need time to pass first, by how much. */
export const laterScenarios: Readonly<Record<string, readonly Scenario[]>> = {
  P91D: retentionScenarios,
  P340D: parkedScenarios,
};
