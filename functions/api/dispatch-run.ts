import { dispatchRun } from "../../shared/domain/dispatch/dispatch-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { accepted } from "./run-answers.ts";

export const dispatchRunEndpoint = endpoint(
  runOperations.dispatchRun,
  async ({ params, body, idempotencyKey }, starter, deps) =>
    accepted(deps, await dispatchRun(deps, { ...params, payload: body.payload, idempotencyKey, starter })),
);
