import { nameInArn } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { MapRunState } from "../../outbound/ports.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepChildren } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";

/** The number of children that run concurrently if MaxConcurrency sets no limit (Step Functions guide, "Distributed Map"). */
const MAX_CHILDREN = 10_000;

/** Maximum number of lookups of children for one answer. If more are needed, the run does not count as parked as a whole. */
const MAX_LOOKUPS = 50;

/** A token that was parked by a child of a Distributed Map. */
type ChildPark = ParkItem & { readonly child: NonNullable<ParkItem["child"]> };

/** Reads the tokens that children of the run's Distributed Maps have parked. */
export const parksOfChildren = async (deps: RunDependencies, run: RunItem): Promise<ChildPark[]> => {
  const found: ChildPark[] = [];
  for await (const park of deps.parks.ofRun(run)) if (park.child !== undefined) found.push(park as ChildPark);
  return found;
};

/**
 * Returns since when everything in these Map runs is parked; undefined if something is not. No more children may begin, and each running
 * child must be parked at its own top level, or in all of its own Map runs. A child that is parked in branches does not count, because
 * other branches may still be running.
 */
export const mapRunsParkedSince = async (
  deps: RunDependencies,
  run: RunItem,
  mapRunArns: readonly string[],
): Promise<string | undefined> => {
  const budget = { lookups: 0 };
  const parks = await parksOfChildren(deps, run);
  return (await areParked(deps, mapRunArns, parks, 0, budget))
    ? parks.reduce((latest, { parkedAt }) => (parkedAt > latest ? parkedAt : latest), "")
    : undefined;
};

const areParked = async (
  deps: RunDependencies,
  mapRunArns: readonly string[],
  parks: readonly ChildPark[],
  depth: number,
  budget: { lookups: number },
): Promise<boolean> => {
  const states: MapRunState[] = [];
  for (const arn of mapRunArns) {
    budget.lookups += 1;
    const state = budget.lookups > MAX_LOOKUPS ? undefined : await deps.executions.mapRun(arn);
    if (state === undefined || mayBegin(state)) return false;
    states.push(state);
  }
  const children = Map.groupBy(since(states, parks), ({ child }) => child[depth]?.[2] ?? "");
  if (children.size === 0 || children.size !== states.reduce((sum, { running }) => sum + running, 0))
    return false;
  for (const [name, own] of children) {
    if (own.some((park) => isWhole(park, depth))) continue;
    const inner = own.filter(({ child }) => child.length > depth + 1);
    if (inner.length < own.length) return false;
    const open: string[] = [];
    for (const label of new Set(mapRunArns.map(labelled))) {
      budget.lookups += 1;
      if (budget.lookups > MAX_LOOKUPS) return false;
      open.push(...(await deps.executions.openMapRuns(`${label}:${name}`)));
    }
    if (open.length === 0 || !(await areParked(deps, open, inner, depth + 1, budget))) return false;
  }
  return true;
};

/** Whether the Map run can still begin children. */
const mayBegin = ({ pending, running, maxConcurrency }: MapRunState): boolean =>
  pending > 0 && running < (maxConcurrency === 0 ? MAX_CHILDREN : maxConcurrency);

/** Leaves out the parks of an earlier attempt of the Map, whose tokens have expired with it. */
const since = (states: readonly MapRunState[], parks: readonly ChildPark[]): ChildPark[] => {
  const begun = iso(Math.min(...states.map(({ startedAt }) => startedAt)));
  return parks.filter(({ parkedAt }) => parkedAt >= begun);
};

/** Whether the child is parked at its top level, so that its own place ends the path. */
const isWhole = ({ child, path }: ChildPark, depth: number): boolean =>
  child.length === depth + 1 && path.endsWith(`[${child[depth]?.[2]}]`);

/** Returns the ARN of a Map run's children without their names. */
const labelled = (mapRunArn: string): string =>
  mapRunArn.replace(":mapRun:", ":execution:").slice(0, -nameInArn(mapRunArn).length - 1);

/** Counts the children of a Map run. `parks`: those of the run's children, or none after the Map has ended. */
export const childrenOf = (map: string, state: MapRunState, parks: readonly ChildPark[]): StepChildren => {
  const own = since([state], parks).filter(({ child }) => child[0]?.[1] === map);
  const parked = Math.min(state.running, new Set(own.map(({ child }) => child[0]?.[2])).size);
  const { total, succeeded, failed, running } = state;
  return { total, succeeded, failed, running: running - parked, parked };
};
