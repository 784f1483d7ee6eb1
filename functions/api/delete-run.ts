import { deleteRun } from "../../shared/domain/runs/delete-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { controlRequest } from "./control-request.ts";

export const deleteRunEndpoint = endpoint(runOperations.deleteRun, async (request, caller, deps) => {
  await deleteRun(deps, controlRequest(request, caller));
  return { status: 204 };
});
