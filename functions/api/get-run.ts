import { readRun } from "../../shared/domain/runs/read-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseOthers } from "./run-answers.ts";

export const getRunEndpoint = endpoint(runOperations.getRun, async ({ params }, caller, deps) => {
  const { record, run } = await readRun(deps, params.workspace, params.runId);
  refuseOthers(caller, record);
  return { status: 200, body: run, rev: run.rev };
});
