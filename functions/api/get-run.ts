import { readRun } from "../../shared/domain/runs/read-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseOthers } from "./run-answers.ts";

export const getRunEndpoint = endpoint(runOperations.getRun, async ({ params }, caller, tools) => {
  const { record, run } = await readRun(tools, params.workspace, params.runId);
  refuseOthers(caller, record);
  return { status: 200, body: run, rev: run.rev };
});
