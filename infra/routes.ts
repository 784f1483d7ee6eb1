import { type OperationId, PATHS } from "../shared/model/api/paths.ts";
import type { FunctionKey } from "./functions.ts";

/** Functions that serve the API, one for each set of grants. */
type ApiFunction = Extract<
  FunctionKey,
  "openapi" | "read" | "publish" | "attach" | "dispatch" | "control" | "holds" | "bulk" | "admin"
>;

/** A route of the HTTP API, for the CDK stack and for the local gateway. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With parameters in API Gateway's form, such as `{runId}`. */
  readonly path: string;
  readonly function: ApiFunction;
  /** Whether the JWT authorizer checks the caller's token. */
  readonly auth: boolean;
}

/** The function that serves each operation. functions/api/handlers.ts has the same assignment; a test compares them. */
const SERVED_BY: Readonly<Record<OperationId, ApiFunction>> = {
  getOpenApi: "openapi",
  putWorkspace: "admin",
  getSettings: "admin",
  putSettings: "admin",
  listMembers: "read",
  getMember: "read",
  putMember: "admin",
  deleteMember: "admin",
  listViews: "admin",
  getView: "admin",
  putView: "admin",
  deleteView: "admin",
  listFlows: "read",
  getFlow: "read",
  getSlots: "read",
  publishFlow: "publish",
  deleteFlow: "publish",
  listVersions: "read",
  getVersion: "read",
  activateVersion: "publish",
  pauseFlow: "holds",
  cancelScheduledPause: "holds",
  resumeFlow: "holds",
  putCaps: "holds",
  getTriggers: "read",
  getTrigger: "read",
  putTrigger: "holds",
  deleteTrigger: "holds",
  putFlowSettings: "attach",
  attachFlow: "attach",
  registerFlow: "attach",
  bindFlow: "attach",
  detachFlow: "attach",
  getFlowHealth: "read",
  listFlowAudit: "read",
  dispatchRun: "dispatch",
  dispatchBatch: "dispatch",
  listRuns: "read",
  listAttention: "read",
  getRunChanges: "read",
  getFailures: "read",
  listInbox: "read",
  getRun: "read",
  deleteRun: "control",
  listSteps: "read",
  getStep: "read",
  getStepLogs: "read",
  assignStep: "control",
  completeStep: "control",
  listRunAudit: "read",
  pauseRun: "control",
  resumeRun: "control",
  cancelRun: "control",
  replayRun: "publish",
  startBulkOperation: "bulk",
  listBulkOperations: "read",
  getBulkOperation: "read",
  listBulkResults: "read",
  stopBulkOperation: "bulk",
  openIncident: "holds",
  listIncidents: "read",
  getIncident: "read",
  noteIncident: "holds",
  resolveIncident: "holds",
};

export const routes: readonly Route[] = (Object.keys(PATHS) as OperationId[]).map((id) => ({
  ...PATHS[id],
  function: SERVED_BY[id],
  auth: id !== "getOpenApi",
}));
