import { isDeepStrictEqual } from "node:util";
import { statesCalling } from "../../asl/parse/called-resources.ts";
import { type HeldStates, heldNames, type PartialHold, type StandingHold } from "../../model/holds/hold.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { PlacementItem } from "../../store/flows/incidents.ts";
import { unheldOf } from "../flows/held-steps/held-steps.ts";
import { openVersions, type VersionDependencies } from "../flows/held-steps/open-versions.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { runningCanary } from "../holds/canary-state.ts";

/** The flows that an incident names, and the resources whose callers it holds. */
export interface Asked {
  readonly flows?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly all?: true | undefined;
}

/** The part of a flow that an incident holds: all of it, or some states. */
export type Match = "whole" | Pick<PartialHold, "states" | "unheld">;

type Called = readonly (readonly [version: number, names: readonly string[]])[];

/** Returns what the incident holds of the flow, in all its versions with open runs; undefined if nothing. */
export const matchFlow = async (
  deps: VersionDependencies,
  { flows, resources, all }: Asked,
  flow: FlowItem,
): Promise<Match | undefined> => {
  if (all === true || flows?.includes(flow.flowId) === true) return "whole";
  if (resources === undefined) return undefined;
  const machines = await openVersions(deps, flow);
  const called = [...machines].map(
    ([version, machine]) => [version, statesCalling(machine, resources)] as const,
  );
  const states = grouped(called.filter(([, names]) => names.length > 0));
  if (states.length === 0) return undefined;
  const names = [...new Set(states.flatMap((held) => held.names))];
  return { states, ...(await unheldOf(deps, flow, machines, names)) };
};

/** Versions that call the resources in states of the same names share an entry. */
const grouped = (called: Called): HeldStates[] => {
  const groups = new Map<string, { names: readonly string[]; versions: number[] }>();
  for (const [version, names] of [...called].sort(([a], [b]) => a - b)) {
    const key = JSON.stringify(names);
    const group = groups.get(key) ?? { names, versions: [] };
    group.versions.push(version);
    groups.set(key, group);
  }
  return [...groups.values()];
};

/**
 * Whether a version that the hold lists stays in it, although no open run of that version was found: for a while after each change of the
 * flow, since the index that finds the runs lags, and during a canary, whose drain wakes nothing that comes free in another way.
 */
export const keepsEarlier = (flow: FlowItem, now: number): boolean =>
  now < Date.parse(flow.updatedAt) + LATE_WRITER_MS || runningCanary(flow) !== undefined;

/** Returns the match with the versions that the hold lists already, if they stay. */
export const withEarlier = (
  match: Match,
  own: StandingHold | undefined,
  flow: FlowItem,
  now: number,
): Match => {
  if (match === "whole" || own?.states === undefined || !keepsEarlier(flow, now)) return match;
  const found = versionsOf(match.states);
  const listed = new Set(found.map(([version]) => version));
  const earlier = versionsOf(own.states).filter(([version]) => !listed.has(version));
  const unheld = [...new Set([...(match.unheld ?? []), ...(earlier.length > 0 ? (own.unheld ?? []) : [])])];
  return { states: grouped([...found, ...earlier]), ...(unheld.length === 0 ? {} : { unheld }) };
};

const versionsOf = (states: readonly HeldStates[]): Called =>
  states.flatMap(({ names, versions = [] }) => versions.map((version) => [version, names] as const));

export const isSame = ({ states, unheld }: StandingHold, match: Match): boolean =>
  match === "whole"
    ? states === undefined
    : isDeepStrictEqual({ states, unheld }, { unheld: undefined, ...match });

/** The states that the match holds, as the incident shows them. */
export const shownOf = (match: Match): Pick<PlacementItem, "steps" | "unheld"> => {
  if (match === "whole") return {};
  const { states, unheld } = match;
  return { steps: heldNames({ states }) ?? [], ...(unheld === undefined ? {} : { unheld }) };
};
