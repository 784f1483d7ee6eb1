/**
 * Method and path of each operation, by its id. This module contains no schemas, so that clients load only this part of the
 * description.
 */
const WORKSPACE = "/v1/workspaces/{workspace}";
const MEMBER = `${WORKSPACE}/members/{userId}` as const;
const VIEW = `${WORKSPACE}/views/{viewId}` as const;
const FLOW = `${WORKSPACE}/flows/{flowId}` as const;
const VERSION = `${FLOW}/versions/{version}` as const;
const TRIGGER = `${FLOW}/triggers/{triggerId}` as const;
const RUN = `${WORKSPACE}/runs/{runId}` as const;
const STEP = `${RUN}/steps/{stepId}` as const;
const INCIDENTS = `${WORKSPACE}/incidents` as const;
const BULKS = `${WORKSPACE}/bulk-operations` as const;

export const PATHS = {
  getOpenApi: { method: "GET", path: "/v1/openapi.json" },
  putWorkspace: { method: "PUT", path: WORKSPACE },
  getSettings: { method: "GET", path: `${WORKSPACE}/settings` },
  putSettings: { method: "PUT", path: `${WORKSPACE}/settings` },
  listMembers: { method: "GET", path: `${WORKSPACE}/members` },
  getMember: { method: "GET", path: MEMBER },
  putMember: { method: "PUT", path: MEMBER },
  deleteMember: { method: "DELETE", path: MEMBER },
  listViews: { method: "GET", path: `${WORKSPACE}/views` },
  getView: { method: "GET", path: VIEW },
  putView: { method: "PUT", path: VIEW },
  deleteView: { method: "DELETE", path: VIEW },
  listFlows: { method: "GET", path: `${WORKSPACE}/flows` },
  getFlow: { method: "GET", path: FLOW },
  publishFlow: { method: "PUT", path: FLOW },
  deleteFlow: { method: "DELETE", path: FLOW },
  listVersions: { method: "GET", path: `${FLOW}/versions` },
  getVersion: { method: "GET", path: VERSION },
  activateVersion: { method: "POST", path: `${VERSION}/activate` },
  pauseFlow: { method: "POST", path: `${FLOW}/pause` },
  cancelScheduledPause: { method: "DELETE", path: `${FLOW}/scheduled-pause` },
  resumeFlow: { method: "POST", path: `${FLOW}/resume` },
  getSlots: { method: "GET", path: `${FLOW}/slots` },
  putCaps: { method: "PUT", path: `${FLOW}/caps` },
  attachFlow: { method: "POST", path: `${FLOW}/attach` },
  registerFlow: { method: "POST", path: `${FLOW}/register` },
  bindFlow: { method: "POST", path: `${FLOW}/bind` },
  detachFlow: { method: "POST", path: `${FLOW}/detach` },
  putFlowSettings: { method: "PUT", path: `${FLOW}/settings` },
  getFlowHealth: { method: "GET", path: `${FLOW}/health` },
  getTriggers: { method: "GET", path: `${FLOW}/triggers` },
  getTrigger: { method: "GET", path: TRIGGER },
  putTrigger: { method: "PUT", path: TRIGGER },
  deleteTrigger: { method: "DELETE", path: TRIGGER },
  listFlowAudit: { method: "GET", path: `${FLOW}/audit` },
  dispatchRun: { method: "POST", path: `${FLOW}/runs` },
  dispatchBatch: { method: "POST", path: `${FLOW}/runs/batch` },
  listRuns: { method: "GET", path: `${WORKSPACE}/runs` },
  listAttention: { method: "GET", path: `${WORKSPACE}/attention` },
  getRunChanges: { method: "GET", path: `${WORKSPACE}/run-changes` },
  getFailures: { method: "GET", path: `${WORKSPACE}/failures` },
  listInbox: { method: "GET", path: `${WORKSPACE}/inbox` },
  getRun: { method: "GET", path: RUN },
  deleteRun: { method: "DELETE", path: RUN },
  listSteps: { method: "GET", path: `${RUN}/steps` },
  getStep: { method: "GET", path: STEP },
  getStepLogs: { method: "GET", path: `${STEP}/logs` },
  assignStep: { method: "PUT", path: `${STEP}/assignees` },
  completeStep: { method: "POST", path: `${STEP}/complete` },
  listRunAudit: { method: "GET", path: `${RUN}/audit` },
  pauseRun: { method: "POST", path: `${RUN}/pause` },
  resumeRun: { method: "POST", path: `${RUN}/resume` },
  cancelRun: { method: "POST", path: `${RUN}/cancel` },
  replayRun: { method: "POST", path: `${RUN}/replay` },
  startBulkOperation: { method: "POST", path: BULKS },
  listBulkOperations: { method: "GET", path: BULKS },
  getBulkOperation: { method: "GET", path: `${BULKS}/{bulkId}` },
  listBulkResults: { method: "GET", path: `${BULKS}/{bulkId}/results` },
  stopBulkOperation: { method: "POST", path: `${BULKS}/{bulkId}/stop` },
  openIncident: { method: "POST", path: INCIDENTS },
  listIncidents: { method: "GET", path: INCIDENTS },
  getIncident: { method: "GET", path: `${INCIDENTS}/{incidentId}` },
  noteIncident: { method: "POST", path: `${INCIDENTS}/{incidentId}/notes` },
  resolveIncident: { method: "POST", path: `${INCIDENTS}/{incidentId}/resolve` },
} as const;

export type OperationId = keyof typeof PATHS;

/** Changes of a run, a flow or a trigger that may depend on the revision that the caller has seen. */
export const WITH_IF_MATCH = [
  "activateVersion",
  "cancelRun",
  "cancelScheduledPause",
  "deleteFlow",
  "deleteRun",
  "deleteTrigger",
  "detachFlow",
  "pauseFlow",
  "pauseRun",
  "putCaps",
  "putFlowSettings",
  "putTrigger",
  "resumeFlow",
  "resumeRun",
] as const satisfies readonly OperationId[];
