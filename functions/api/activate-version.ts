import { activateByNumber } from "../../shared/domain/flows/activate-version.ts";
import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const activateVersionEndpoint = endpoint(
  flowOperations.activateVersion,
  async ({ params, ifMatch }, { actor }, deps) => {
    const { workspace, flowId } = params;
    const version = Number(params.version);
    const flow = await activateByNumber(deps, { workspace, flowId, version, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  },
);
