import type { AttachDependencies } from "../dependencies/attach-dependencies.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { DispatchFunctionDependencies } from "../dependencies/dispatch-dependencies.ts";
import type { ReadDependencies } from "../dependencies/read-dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { apiHandler } from "../middleware/http.ts";
import {
  getBulkEndpoint,
  listBulkResultsEndpoint,
  listBulksEndpoint,
  startBulkEndpoint,
  stopBulkEndpoint,
} from "./bulk-operations.ts";
import {
  activateVersionEndpoint,
  attachFlowEndpoint,
  bindFlowEndpoint,
  cancelScheduledPauseEndpoint,
  deleteFlowEndpoint,
  detachFlowEndpoint,
  getFlowEndpoint,
  getFlowHealthEndpoint,
  getSlotsEndpoint,
  getVersionEndpoint,
  listFlowAuditEndpoint,
  listFlowsEndpoint,
  listVersionsEndpoint,
  pauseFlowEndpoint,
  publishFlowEndpoint,
  putCapsEndpoint,
  putFlowSettingsEndpoint,
  registerFlowEndpoint,
  resumeFlowEndpoint,
} from "./flows.ts";
import {
  getIncidentEndpoint,
  listIncidentsEndpoint,
  noteIncidentEndpoint,
  openIncidentEndpoint,
  resolveIncidentEndpoint,
} from "./incidents.ts";
import { cancelRunEndpoint, deleteRunEndpoint, pauseRunEndpoint, resumeRunEndpoint } from "./run-control.ts";
import { dispatchBatchEndpoint, dispatchRunEndpoint, replayRunEndpoint } from "./run-dispatch.ts";
import {
  getFailuresEndpoint,
  getRunChangesEndpoint,
  getRunEndpoint,
  listAttentionEndpoint,
  listRunAuditEndpoint,
  listRunsEndpoint,
} from "./runs.ts";
import {
  assignStepEndpoint,
  completeStepEndpoint,
  getStepEndpoint,
  getStepLogsEndpoint,
  listInboxEndpoint,
  listStepsEndpoint,
} from "./steps.ts";
import {
  deleteTriggerEndpoint,
  getTriggerEndpoint,
  getTriggersEndpoint,
  putTriggerEndpoint,
} from "./triggers.ts";
import {
  deleteMemberEndpoint,
  deleteViewEndpoint,
  getMemberEndpoint,
  getSettingsEndpoint,
  getViewEndpoint,
  listMembersEndpoint,
  listViewsEndpoint,
  putMemberEndpoint,
  putSettingsEndpoint,
  putViewEndpoint,
  putWorkspaceEndpoint,
} from "./workspace.ts";

/** Creates the handler for all reads of runs, flows, members and bulk operations. */
export const createReadHandler = (deps: ReadDependencies) =>
  apiHandler(
    [
      listMembersEndpoint,
      getMemberEndpoint,
      listFlowsEndpoint,
      getFlowEndpoint,
      getSlotsEndpoint,
      getFlowHealthEndpoint,
      listVersionsEndpoint,
      getVersionEndpoint,
      listFlowAuditEndpoint,
      getTriggersEndpoint,
      getTriggerEndpoint,
      listAttentionEndpoint,
      getRunChangesEndpoint,
      getFailuresEndpoint,
      listInboxEndpoint,
      listRunsEndpoint,
      getRunEndpoint,
      listStepsEndpoint,
      getStepEndpoint,
      getStepLogsEndpoint,
      listRunAuditEndpoint,
      listBulksEndpoint,
      getBulkEndpoint,
      listBulkResultsEndpoint,
      listIncidentsEndpoint,
      getIncidentEndpoint,
    ],
    deps,
  );

/** Creates the handler for calls that create or delete state machines. */
export const createPublishHandler = (deps: Ending<Dependencies>) =>
  apiHandler([publishFlowEndpoint, activateVersionEndpoint, deleteFlowEndpoint, replayRunEndpoint], deps);

/** Creates the handler of the operations that write into attached state machines. */
export const createAttachHandler = (deps: AttachDependencies) =>
  apiHandler(
    [attachFlowEndpoint, registerFlowEndpoint, bindFlowEndpoint, detachFlowEndpoint, putFlowSettingsEndpoint],
    deps,
  );

/** Creates the handler that dispatches records to flows. */
export const createDispatchHandler = (deps: Ending<DispatchFunctionDependencies>) =>
  apiHandler([dispatchRunEndpoint, dispatchBatchEndpoint], deps);

/** Creates the handler for calls that place and lift the holds of flows. */
export const createHoldsHandler = (deps: Dependencies) =>
  apiHandler(
    [
      pauseFlowEndpoint,
      cancelScheduledPauseEndpoint,
      resumeFlowEndpoint,
      putCapsEndpoint,
      putTriggerEndpoint,
      deleteTriggerEndpoint,
      openIncidentEndpoint,
      noteIncidentEndpoint,
      resolveIncidentEndpoint,
    ],
    deps,
  );

/** Creates the handler for calls that control single runs and answer their steps. */
export const createControlHandler = (deps: Ending<Dependencies>) =>
  apiHandler(
    [
      pauseRunEndpoint,
      resumeRunEndpoint,
      cancelRunEndpoint,
      deleteRunEndpoint,
      assignStepEndpoint,
      completeStepEndpoint,
    ],
    deps,
  );

/** Creates the handler that starts and stops bulk operations. Another function processes them. */
export const createBulkHandler = (deps: Dependencies) =>
  apiHandler([startBulkEndpoint, stopBulkEndpoint], deps);

/** Creates the handler for workspaces, their settings, members and views. */
export const createAdminHandler = (deps: Dependencies) =>
  apiHandler(
    [
      putWorkspaceEndpoint,
      putMemberEndpoint,
      deleteMemberEndpoint,
      getSettingsEndpoint,
      putSettingsEndpoint,
      listViewsEndpoint,
      getViewEndpoint,
      putViewEndpoint,
      deleteViewEndpoint,
    ],
    deps,
  );
