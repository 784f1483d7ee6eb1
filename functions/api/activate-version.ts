import { activateByNumber } from "../../shared/domain/flows/activate-version.ts";
import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const activateVersionEndpoint = endpoint(
  flowOperations.activateVersion,
  async ({ params, ifMatch }, { actor }, tools) => {
    const { workspace, flowId } = params;
    const version = Number(params.version);
    const flow = await activateByNumber(tools, { workspace, flowId, version, actor, ifMatch });
    return { status: 200, body: await showFlow(tools, flow), rev: flow.rev };
  },
);
