import { readVersion } from "../../shared/domain/flows/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getVersionEndpoint = endpoint(flowOperations.getVersion, async ({ params }, _caller, deps) => ({
  status: 200,
  body: await readVersion(deps, params.workspace, params.flowId, Number(params.version)),
}));
