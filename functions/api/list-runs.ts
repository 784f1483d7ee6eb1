import { listRuns } from "../../shared/domain/list-runs.ts";
import { runView } from "../../shared/domain/run-view.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listRunsEndpoint = endpoint(runOperations.listRuns, async ({ params, query }, caller, tools) => {
  const { limit, cursor, ...filter } = query;
  const owner = caller.grant === "own" ? caller.actor.id : undefined;
  const page = await listRuns(tools.runIndex, { workspace: params.workspace, filter, owner, limit, cursor });
  const items = page.records.map((record) => runView(record, tools.statesArnPrefix));
  return { status: 200, body: { items, ...(page.nextCursor && { nextCursor: page.nextCursor }) } };
});
