import { activateByNumber } from "../../shared/domain/activate-version.ts";
import { flowView } from "../../shared/domain/flow-view.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const activateVersionEndpoint = endpoint(
  flowOperations.activateVersion,
  async ({ params, ifMatch }, { actor }, tools) => {
    const { workspace, flowId } = params;
    const version = Number(params.version);
    const flow = await activateByNumber(tools, { workspace, flowId, version, actor, ifMatch });
    return { status: 200, body: flowView(flow), rev: flow.rev };
  },
);
