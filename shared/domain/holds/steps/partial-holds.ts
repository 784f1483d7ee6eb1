import { MAX_PARTIAL_HOLDS } from "../../../model/holds/hold.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { tooManyPartialHolds } from "../../hold-refusals.ts";

/** Throws `action_not_allowed` if the flow has as many holds on steps as it may have. */
export const refuseManyPartialHolds = (flow: FlowItem): void => {
  if (Object.keys(flow.partialHolds ?? {}).length >= MAX_PARTIAL_HOLDS) throw tooManyPartialHolds(flow);
};
