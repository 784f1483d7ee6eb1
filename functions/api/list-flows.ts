import { listFlows } from "../../shared/domain/flows/read-flows.ts";
import { showFlows } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listFlowsEndpoint = endpoint(
  flowOperations.listFlows,
  async ({ params, query }, _caller, deps) => {
    const page = await listFlows(deps, params.workspace, query);
    return { status: 200, body: { ...page, items: await showFlows(deps, page.items) } };
  },
);
