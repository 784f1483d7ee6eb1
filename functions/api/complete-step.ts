import { completeStep } from "../../shared/domain/people/complete-step.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const completeStepEndpoint = endpoint(
  runOperations.completeStep,
  async ({ params, body }, caller, deps) => {
    const { decision, comment, data } = body;
    const step = await completeStep(deps, {
      ...params,
      actor: caller.actor,
      mayAnswerUnassigned: caller.grant === "all",
      decision,
      ...(comment === undefined ? {} : { comment }),
      ...(data === undefined ? {} : { data }),
    });
    return { status: 200, body: step };
  },
);
