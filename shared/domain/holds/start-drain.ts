import type { Drains } from "../../outbound/drains.ts";
import type { DrainIntent, FlowIdentity } from "../../store/flows/flow-item.ts";

/** Starts the execution that the intent names; one of that name that exists was started for the same intent. */
export const startDrain = async (
  deps: { readonly drains: Drains },
  { workspace, flowId, incarnation }: FlowIdentity,
  { epoch, attempt }: DrainIntent,
): Promise<void> => {
  await deps.drains.start({ workspace, flowId, incarnation, epoch, attempt, batches: 0 });
};
