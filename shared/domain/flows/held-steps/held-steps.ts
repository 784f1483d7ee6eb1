import { gateOf } from "../../../asl/gates/gated-states.ts";
import type { Machine } from "../../../asl/parse/machine.ts";
import { heldNames, type PartialHold } from "../../../model/holds/hold.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { unknownSteps } from "../../refusals.ts";
import { openVersions, type VersionDependencies } from "./open-versions.ts";

/**
 * Returns what a hold on these states keeps in each version, and which of them no gate holds. Throws `invalid_request` for a state that
 * no version has.
 */
export const heldSteps = (
  flowId: string,
  machines: ReadonlyMap<number, Machine>,
  names: readonly string[],
): Pick<PartialHold, "states" | "unheld"> => {
  const known = new Set([...machines.values()].flatMap(({ all }) => all.map(({ name }) => name)));
  const unknown = names.flatMap((name, index) => (known.has(name) ? [] : [[index, name] as const]));
  if (unknown.length > 0) throw unknownSteps(flowId, unknown);
  return { states: [{ names: [...new Set(names)] }], ...unheldOf(machines, names) };
};

/** Returns the flow with the states that its holds on steps cannot hold, now that another version is active. */
export const relisted = async (deps: VersionDependencies, flow: FlowItem): Promise<FlowItem> => {
  if (flow.partialHolds === undefined) return flow;
  const machines = await openVersions(deps, flow);
  const holds = Object.entries(flow.partialHolds).map(([id, { unheld: _old, ...hold }]) => [
    id,
    { ...hold, ...unheldOf(machines, heldNames(hold) ?? []) },
  ]);
  return { ...flow, partialHolds: Object.fromEntries(holds) };
};

/** Returns the names of states that have no gate in some version. */
const unheldOf = (
  machines: ReadonlyMap<number, Machine>,
  names: readonly string[],
): Pick<PartialHold, "unheld"> => {
  const open = new Set(
    [...machines.values()].flatMap(({ all }) =>
      all.filter((state) => gateOf(state) === "none").map(({ name }) => name),
    ),
  );
  const unheld = [...new Set(names)].filter((name) => open.has(name));
  return unheld.length === 0 ? {} : { unheld };
};
