import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { putCaps } from "../../shared/domain/holds/put-caps.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const putCapsEndpoint = endpoint(
  flowOperations.putCaps,
  async ({ params, body: caps, ifMatch }, { actor }, deps) => {
    const flow = await putCaps(deps, { ...params, caps, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  },
);
