import { readSteps } from "../../shared/domain/steps/read-steps.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { readCursor, writeCursor } from "../../shared/model/cursor.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseUnlessOwn } from "./run-answers.ts";

export const listStepsEndpoint = endpoint(
  runOperations.listSteps,
  async ({ params, query }, caller, deps) => {
    const { workspace, runId } = params;
    await refuseUnlessOwn(deps, caller, params);
    const list = ["steps", workspace, runId];
    const after = readCursor(list, query.cursor);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const { items, next } = await readSteps(deps, workspace, runId, page);
    return {
      status: 200,
      body: { items, ...(next === undefined ? {} : { nextCursor: writeCursor(list, next) }) },
    };
  },
);
