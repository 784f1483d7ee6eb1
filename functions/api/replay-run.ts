import { replayRun } from "../../shared/domain/dispatch/replay-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { accepted } from "./run-answers.ts";

export const replayRunEndpoint = endpoint(
  runOperations.replayRun,
  async ({ params, body, idempotencyKey }, starter, tools) =>
    accepted(tools, await replayRun(tools, { ...params, ...body, idempotencyKey, starter })),
);
