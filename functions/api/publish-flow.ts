import { publishFlow } from "../../shared/domain/flows/publish-flow.ts";
import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const publishFlowEndpoint = endpoint(
  flowOperations.publishFlow,
  async ({ params, body }, { actor }, tools) => {
    const activate = body.activate ?? true;
    const { flow, version, warnings, first } = await publishFlow(tools, {
      ...params,
      ...body,
      activate,
      actor,
    });
    return {
      status: first ? 201 : 200,
      body: { flow: await showFlow(tools, flow), version, warnings },
      rev: flow.rev,
    };
  },
);
