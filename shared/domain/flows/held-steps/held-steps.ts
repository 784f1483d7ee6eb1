import { gateOf } from "../../../asl/gates/gated-states.ts";
import type { Machine } from "../../../asl/parse/machine.ts";
import { heldNames, type PartialHold } from "../../../model/holds/hold.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { unknownSteps } from "../../hold-refusals.ts";
import { provenInline } from "./inline-gates.ts";
import { openVersions, type VersionDependencies } from "./open-versions.ts";

/**
 * Returns what a hold on these states keeps in each version, and which of them it cannot hold. Throws `invalid_request` for a state that no
 * version has.
 */
export const heldSteps = async (
  deps: VersionDependencies,
  flow: FlowItem,
  machines: ReadonlyMap<number, Machine>,
  names: readonly string[],
): Promise<Pick<PartialHold, "states" | "unheld">> => {
  const known = new Set([...machines.values()].flatMap(({ all }) => all.map(({ name }) => name)));
  const unknown = names.flatMap((name, index) => (known.has(name) ? [] : [[index, name] as const]));
  if (unknown.length > 0) throw unknownSteps(flow.flowId, unknown);
  return listedSteps(deps, flow, machines, names);
};

/** Returns the same for names that were checked before: a state that is gone since is neither held nor in the way. */
export const listedSteps = async (
  deps: VersionDependencies,
  flow: FlowItem,
  machines: ReadonlyMap<number, Machine>,
  names: readonly string[],
): Promise<Pick<PartialHold, "states" | "unheld">> => ({
  states: [{ names: [...new Set(names)] }],
  ...(await unheldOf(deps, flow, machines, names)),
});

/** Returns the flow with the states that its holds on steps cannot hold, now that another version is active. */
export const relisted = async (deps: VersionDependencies, flow: FlowItem): Promise<FlowItem> => {
  if (flow.partialHolds === undefined) return flow;
  const machines = await openVersions(deps, flow);
  const holds = Object.entries(flow.partialHolds).map(async ([id, { unheld: _old, ...hold }]) => [
    id,
    { ...hold, ...(await unheldOf(deps, flow, machines, heldNames(hold) ?? [])) },
  ]);
  return { ...flow, partialHolds: Object.fromEntries(await Promise.all(holds)) };
};

/** Returns the names of states that have no gate in some version, or one in their function that may not know holds on steps. */
export const unheldOf = async (
  deps: VersionDependencies,
  flow: FlowItem,
  machines: ReadonlyMap<number, Machine>,
  names: readonly string[],
): Promise<Pick<PartialHold, "unheld">> => {
  const held = new Set(names);
  const states = [...machines.values()].flatMap(({ all }) => all).filter(({ name }) => held.has(name));
  const withGate = (gate: ReturnType<typeof gateOf>) =>
    new Set(states.filter((state) => gateOf(state) === gate).map(({ name }) => name));
  const [open, inline] = [withGate("none"), withGate("inline")];
  const proven = inline.size === 0 ? inline : await provenInline(deps, flow, inline);
  const unheld = [...held].filter((name) => open.has(name) || (inline.has(name) && !proven.has(name)));
  return unheld.length === 0 ? {} : { unheld };
};
