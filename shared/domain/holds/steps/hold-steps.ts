import { iso } from "../../../model/time/clock.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import type { StepHoldDependencies } from "../../deps.ts";
import { readRequestedFlow } from "../../flows/change-flow.ts";
import { hasDrifted } from "../../flows/drift.ts";
import { heldSteps } from "../../flows/held-steps/held-steps.ts";
import { openVersions } from "../../flows/held-steps/open-versions.ts";
import { flowChanged, flowDrifted } from "../../refusals.ts";
import { addHold } from "../add-hold.ts";
import { intakeOf } from "../finish-pause.ts";
import { startNewDrain } from "../lift-hold.ts";
import { endOf, type PauseFlow } from "../pause-flow.ts";
import { refuseManyPartialHolds } from "./partial-holds.ts";

export interface HoldSteps extends PauseFlow {
  /** Names of states. */
  readonly steps: readonly string[];
}

/**
 * Holds some states of the flow until `resumeAt`, in all its versions. A drain that is under way goes on in an execution that regards the
 * hold; if the process dies before it starts, the sweeper starts it. Throws `invalid_request` for unknown states,
 * `action_not_allowed` beside too many such holds, and `flow_drifted`, `state_changed` as a pause does.
 */
export const holdSteps = async (deps: StepHoldDependencies, request: HoldSteps): Promise<FlowItem> => {
  const now = deps.clock.now();
  const resumeAt = endOf(request.resumeAt, now);
  const { actor, reason, ifMatch } = request;
  const flow = await readRequestedFlow(deps.flows, request);
  if (await hasDrifted(deps, flow)) throw flowDrifted(flow);
  const steps = await heldSteps(deps, flow, await openVersions(deps, flow), request.steps);
  let was = flow;
  const next = await addHold(deps, flow, {
    ...{ kind: "manual", mode: intakeOf(request), steps, action: "pause" },
    hold: {
      ...{ id: deps.ids.unique(), since: iso(now), by: actor, resumeAt },
      ...(reason === undefined ? {} : { reason }),
    },
    check: (current, first) => {
      if (!first && ifMatch !== undefined) throw flowChanged(current);
      refuseManyPartialHolds(current);
      was = current;
      return undefined;
    },
  });
  await startNewDrain(deps, was, next);
  return next;
};
