import { listAttention } from "../../shared/domain/runs/lists/list-attention.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { ownerOf, pageOfRuns } from "./run-answers.ts";

export const listAttentionEndpoint = endpoint(
  runOperations.listAttention,
  async ({ params, query }, caller, deps) => {
    const { limit, cursor, include, ...filter } = query;
    const { workspace } = params;
    const waiting = include !== undefined;
    const asked = { workspace, filter, waiting, owner: ownerOf(caller), limit, cursor };
    return pageOfRuns(await listAttention(deps.runIndex, asked), deps.statesArnPrefix);
  },
);
