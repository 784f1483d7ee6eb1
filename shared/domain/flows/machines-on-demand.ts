import type { JsonObject } from "../../model/json/json.ts";
import { machineName } from "../../model/machines/machine-names.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { compileVersion } from "./compile-version.ts";

/** A state machine that is created when it is first needed. */
export interface MachineOnDemand {
  readonly version: number;
  /** The top-level state at which a replay starts. Absent for the version's arrival machine. */
  readonly state?: string;
  /** Reads the definition if the machine has to be created. */
  readonly definition: () => Promise<JsonObject>;
}

/** The name under which a version's arrival machine is stored. No state has it. */
const ARRIVAL = "";

/**
 * Ensures that the machine exists. Its name is stored before it is created, so that the flow's deletion finds it even if this process dies.
 * It is marked as created afterwards, so that the next call does not compile it again.
 */
export const makeMachineOnDemand = async (
  deps: FlowDependencies,
  flow: FlowIdentity,
  { version, state, definition }: MachineOnDemand,
): Promise<void> => {
  const storedAs = state ?? ARRIVAL;
  if (await deps.versions.hasReplayMachine(flow, version, storedAs)) return;
  const options = state === undefined ? { arrival: true as const } : { startAt: state };
  const { compiled } = compileVersion(deps.compileSettings(), flow, version, await definition(), options);
  const place = state === undefined ? { version } : { version, state };
  const name = machineName(flow.workspace, flow.incarnation, place);
  await deps.versions.putReplayMachine(flow, version, storedAs, { name, made: false });
  await deps.machines.create(name, JSON.stringify(compiled));
  await deps.versions.putReplayMachine(flow, version, storedAs, { name, made: true });
};
