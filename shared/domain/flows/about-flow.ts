import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { LogFields } from "../deps.ts";

/** What every line about a flow says. */
export const about = ({ workspace, flowId }: Pick<FlowIdentity, "workspace" | "flowId">): LogFields => ({
  workspace,
  flow: flowId,
});
