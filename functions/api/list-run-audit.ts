import { pageOfAudit } from "../../shared/domain/runs/lists/page-of-audit.ts";
import { readAudit } from "../../shared/domain/runs/read-run.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseUnlessOwn } from "./run-answers.ts";

export const listRunAuditEndpoint = endpoint(
  runOperations.listRunAudit,
  async ({ params, query }, caller, deps) => {
    await refuseUnlessOwn(deps, caller, params);
    const entries = await readAudit(deps, params.workspace, params.runId);
    return { status: 200, body: pageOfAudit(entries, ["run-audit", params.workspace, params.runId], query) };
  },
);
