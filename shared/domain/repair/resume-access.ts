import { THE_END } from "../../asl/history/continue-as-new.ts";
import type { Position } from "../../asl/parse/graph.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumePlanDependencies } from "../deps.ts";
import { runningUserLostAccess } from "../refusals.ts";
import { standsOnError } from "../runs/status-change.ts";
import { missingOf, permissionsNow, sameAccess } from "../steps/step-access.ts";

/** A step ahead, and the permissions for it that the run's user lacks. */
interface LackingStep {
  readonly state: string;
  readonly missing: readonly string[];
}

/**
 * Checks the permissions of the run's user for all steps ahead, before the run is resumed. Throws `running_user_lost_access` if
 * some are missing. With an administrator's override, returns exactly the missing permissions, which the administrator vouches
 * for; otherwise none. If a permission is lost later, the step's gate finds out.
 */
export const accessAtResume = async (
  deps: ResumePlanDependencies,
  record: RunItem,
  override: boolean,
  elsewhere?: Elsewhere,
): Promise<readonly string[]> => {
  const run = { ...record, ...elsewhere };
  if (run.runAs !== "user" || elsewhere?.state === THE_END) return [];
  const from = elsewhere === undefined ? standpoint(run) : { state: elsewhere.state, entered: false };
  const coarse = await deps.requirements.ahead(run, from);
  if (coarse.length === 0) return [];
  const has = await permissionsNow(deps, run);
  if (lacking(coarse, has).length === 0) return [];
  const gate = elsewhere === undefined ? await parkedGate(deps, run) : undefined;
  const ahead = gate === undefined ? coarse : await deps.requirements.ahead(run, gate);
  const now = lacking(ahead, has);
  if (override) return [...new Set(now.flatMap(({ missing }) => missing))];
  const steps = now.length === 0 ? now : lacking(ahead, [...has, ...(await sameAccess(deps, run))]);
  if (steps.length > 0) throw runningUserLostAccess(run.startedBy, steps);
  return [];
};

/** The version and the state at which a run is to continue. */
type Elsewhere = Pick<RunItem, "version" | "runAs"> & { readonly state: string };

const lacking = (
  ahead: readonly { readonly state: string; readonly requires: readonly string[] }[],
  has: readonly string[],
): LackingStep[] =>
  ahead
    .map(({ state, requires }) => ({ state, missing: missingOf(requires, has) }))
    .filter(({ missing }) => missing.length > 0);

/**
 * Returns the run's position according to its own item: before the step that failed, past the gate of its newest step, or before its
 * first step.
 */
const standpoint = ({ status, pausedBy, currentStep, startState }: RunItem): Position => {
  if (standsOnError({ status, pausedBy }) && pausedBy?.state !== undefined)
    return { state: pausedBy.state, entered: false };
  if (currentStep !== undefined) return { state: currentStep.name, entered: true };
  return startState === undefined ? { entered: false } : { state: startState, entered: false };
};

/**
 * Returns the top-level gate at which the run is parked, if any. This position is more exact, since the steps before it are
 * behind the run.
 */
const parkedGate = async (deps: ResumePlanDependencies, run: RunItem): Promise<Position | undefined> => {
  if (run.neverParked === true || standsOnError(run)) return undefined;
  const since = run.currentStep?.entered ?? "";
  let newest: ParkItem | undefined;
  for await (const park of deps.parks.ofRun(run)) {
    if (park.path !== "" || park.entered <= since) continue;
    if (newest === undefined || park.entered > newest.entered) newest = park;
  }
  return newest && { state: newest.state, entered: false };
};
