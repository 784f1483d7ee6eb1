import { readStep } from "../../shared/domain/steps/read-steps.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseUnlessOwn } from "./run-answers.ts";

export const getStepEndpoint = endpoint(runOperations.getStep, async ({ params }, caller, deps) => {
  await refuseUnlessOwn(deps, caller, params);
  return { status: 200, body: await readStep(deps, params.workspace, params.runId, params.stepId) };
});
