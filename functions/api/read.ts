import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { getBulkEndpoint } from "./get-bulk.ts";
import { getFlowEndpoint } from "./get-flow.ts";
import { getMemberEndpoint } from "./get-member.ts";
import { getRunEndpoint } from "./get-run.ts";
import { getStepEndpoint } from "./get-step.ts";
import { getVersionEndpoint } from "./get-version.ts";
import { listAttentionEndpoint } from "./list-attention.ts";
import { listBulkResultsEndpoint } from "./list-bulk-results.ts";
import { listBulksEndpoint } from "./list-bulks.ts";
import { listFlowAuditEndpoint } from "./list-flow-audit.ts";
import { listFlowsEndpoint } from "./list-flows.ts";
import { listInboxEndpoint } from "./list-inbox.ts";
import { listMembersEndpoint } from "./list-members.ts";
import { listRunAuditEndpoint } from "./list-run-audit.ts";
import { listRunsEndpoint } from "./list-runs.ts";
import { listStepsEndpoint } from "./list-steps.ts";
import { listVersionsEndpoint } from "./list-versions.ts";

export const createReadHandler = (deps: Dependencies) =>
  apiHandler(
    [
      listMembersEndpoint,
      getMemberEndpoint,
      listFlowsEndpoint,
      getFlowEndpoint,
      listVersionsEndpoint,
      getVersionEndpoint,
      listFlowAuditEndpoint,
      listAttentionEndpoint,
      listInboxEndpoint,
      listRunsEndpoint,
      getRunEndpoint,
      listStepsEndpoint,
      getStepEndpoint,
      listRunAuditEndpoint,
      listBulksEndpoint,
      getBulkEndpoint,
      listBulkResultsEndpoint,
    ],
    deps,
  );
