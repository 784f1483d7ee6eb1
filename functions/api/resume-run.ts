import { resumeRun } from "../../shared/domain/runs/resume-run.ts";
import { refuseUnlessMayOverride } from "../../shared/domain/workspace/admit.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { controlRequest } from "./control-request.ts";
import { changed, refuseUnlessOwn } from "./run-answers.ts";

export const resumeRunEndpoint = endpoint(runOperations.resumeRun, async (request, caller, deps) => {
  const override = request.body.override === true;
  if (override) refuseUnlessMayOverride(caller);
  await refuseUnlessOwn(deps, caller, request.params);
  return changed(deps, controlRequest(request, caller), (asked) => resumeRun(deps, { ...asked, override }));
});
