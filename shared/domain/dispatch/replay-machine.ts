import type { JsonObject } from "../../model/json/json.ts";
import { machineName } from "../../model/machines/machine-names.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { compileVersion } from "../flows/compile-version.ts";

export interface ReplayStart {
  readonly version: number;
  /** A top-level state. */
  readonly state: string;
  readonly definition: JsonObject;
}

/**
 * Ensures that the machine that starts at a state exists. Its name is stored before it is created, so that the flow's deletion
 * finds it wherever this process dies, and it is marked as created afterwards, so that the next replay need not compile it
 * again.
 */
export const makeReplayMachine = async (
  deps: FlowDependencies,
  flow: FlowIdentity,
  start: ReplayStart,
): Promise<void> => {
  const { version, state, definition } = start;
  if (await deps.versions.hasReplayMachine(flow, version, state)) return;
  const { compiled } = compileVersion(deps.compileSettings(), flow, version, definition, { startAt: state });
  const name = machineName(flow.workspace, flow.incarnation, { version, state });
  await deps.versions.putReplayMachine(flow, version, state, { name, made: false });
  await deps.machines.create(name, JSON.stringify(compiled));
  await deps.versions.putReplayMachine(flow, version, state, { name, made: true });
};
