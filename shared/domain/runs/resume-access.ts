import type { Position } from "../../asl/parse/graph.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { runningUserLostAccess } from "../refusals.ts";
import { missingOf, permissionsNow, sameAccess } from "../steps/step-access.ts";

/** A step ahead, and what the run's user lacks for it. */
interface LackingStep {
  readonly state: string;
  readonly missing: readonly string[];
}

/**
 * Looks ahead before a run is resumed: throws `running_user_lost_access` where its user lacks what a step needs that the run may
 * come to. An administrator who overrides vouches for exactly what is missing now: that is the answer, else nothing.
 * A permission that goes after this look is found missing by the step's gate.
 */
export const accessAtResume = async (
  deps: ResumeRunDependencies,
  run: RunItem,
  override: boolean,
): Promise<readonly string[]> => {
  if (run.runAs !== "user") return [];
  const coarse = await deps.requirements.ahead(run, standpoint(run));
  if (coarse.length === 0) return [];
  const has = await permissionsNow(deps, run);
  if (lacking(coarse, has).length === 0) return [];
  const gate = await parkedGate(deps, run);
  const ahead = gate === undefined ? coarse : await deps.requirements.ahead(run, gate);
  const now = lacking(ahead, has);
  if (override) return [...new Set(now.flatMap(({ missing }) => missing))];
  const steps = now.length === 0 ? now : lacking(ahead, [...has, ...(await sameAccess(deps, run))]);
  if (steps.length > 0) throw runningUserLostAccess(run.startedBy, steps);
  return [];
};

const lacking = (
  ahead: readonly { readonly state: string; readonly requires: readonly string[] }[],
  has: readonly string[],
): LackingStep[] =>
  ahead
    .map(({ state, requires }) => ({ state, missing: missingOf(requires, has) }))
    .filter(({ missing }) => missing.length > 0);

/** By the run's own item: past the gate of its newest step, or still before its first. */
const standpoint = ({ currentStep, startState }: RunItem): Position => {
  if (currentStep !== undefined) return { state: currentStep.name, entered: true };
  return startState === undefined ? { entered: false } : { state: startState, entered: false };
};

/** The gate at the top level where the run waits, if it has come to one: what it has passed, or never took, is then behind it. */
const parkedGate = async (deps: ResumeRunDependencies, run: RunItem): Promise<Position | undefined> => {
  if (run.neverParked === true) return undefined;
  const since = run.currentStep?.entered ?? "";
  let newest: ParkItem | undefined;
  for await (const park of deps.parks.ofRun(run)) {
    if (park.path !== "" || park.entered <= since) continue;
    if (newest === undefined || park.entered > newest.entered) newest = park;
  }
  return newest && { state: newest.state, entered: false };
};
