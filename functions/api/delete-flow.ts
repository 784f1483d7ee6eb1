import { deleteFlow } from "../../shared/domain/flows/delete-flow.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const deleteFlowEndpoint = endpoint(
  flowOperations.deleteFlow,
  async ({ params, ifMatch }, caller, deps) => {
    await deleteFlow(deps, { ...params, actor: caller.actor, ifMatch });
    return { status: 204 };
  },
);
