import { publishFlow } from "../../shared/domain/flows/publish-flow.ts";
import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const publishFlowEndpoint = endpoint(
  flowOperations.publishFlow,
  async ({ params, body }, { actor }, deps) => {
    const activate = body.activate ?? true;
    const { flow, version, warnings, first } = await publishFlow(deps, {
      ...params,
      ...body,
      activate,
      actor,
    });
    return {
      status: first ? 201 : 200,
      body: { flow: await showFlow(deps, flow), version, warnings },
      rev: flow.rev,
    };
  },
);
