import { pauseRun } from "../../shared/domain/runs/pause-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { controlRequest } from "./control-request.ts";
import { changed } from "./run-answers.ts";

export const pauseRunEndpoint = endpoint(runOperations.pauseRun, async (request, caller, deps) =>
  changed(deps, controlRequest(request, caller), (asked) => pauseRun(deps, asked)),
);
