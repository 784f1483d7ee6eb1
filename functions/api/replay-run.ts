import { replayRun } from "../../shared/domain/dispatch/replay-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { accepted } from "./run-answers.ts";

export const replayRunEndpoint = endpoint(
  runOperations.replayRun,
  async ({ params, body, idempotencyKey }, starter, deps) =>
    accepted(deps, await replayRun(deps, { ...params, ...body, idempotencyKey, starter })),
);
