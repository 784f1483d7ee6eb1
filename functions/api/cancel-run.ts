import { cancelRun } from "../../shared/domain/runs/cancel-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { controlRequest } from "./control-request.ts";
import { changed } from "./run-answers.ts";

export const cancelRunEndpoint = endpoint(runOperations.cancelRun, async (request, caller, deps) =>
  changed(deps, controlRequest(request, caller), (asked) => cancelRun(deps, asked)),
);
