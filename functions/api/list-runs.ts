import { listRuns } from "../../shared/domain/runs/lists/list-runs.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { ownerOf, pageOfRuns } from "./run-answers.ts";

export const listRunsEndpoint = endpoint(runOperations.listRuns, async ({ params, query }, caller, deps) => {
  const { limit, cursor, ...filter } = query;
  const { workspace } = params;
  const asked = { workspace, filter, owner: ownerOf(caller), limit, cursor };
  return pageOfRuns(await listRuns(deps.runIndex, asked), deps.statesArnPrefix);
});
