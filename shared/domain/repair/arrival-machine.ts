import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { makeMachineOnDemand } from "../flows/machines-on-demand.ts";
import { resumeNotPossible } from "../refusals.ts";

/** Ensures that the version's arrival machine exists. Throws `resume_not_possible` if its definition does not. */
export const makeArrivalMachine = (
  deps: FlowDependencies,
  flow: FlowIdentity,
  version: number,
): Promise<void> =>
  makeMachineOnDemand(deps, flow, {
    version,
    definition: async () => {
      const definition = await deps.versions.text(flow, version, "user");
      if (definition !== undefined) return definition;
      throw resumeNotPossible(`Version ${version} of the flow no longer exists.`);
    },
  });
