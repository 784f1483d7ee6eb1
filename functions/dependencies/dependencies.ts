import type { SelectionTools } from "../../shared/domain/bulk/bulk-tools.ts";
import type { ResumeTools } from "../../shared/domain/deps.ts";
import type { ReplayTools } from "../../shared/domain/dispatch/replay-run.ts";
import type { DeletionTools } from "../../shared/domain/flows/finish-flow-deletion.ts";
import type { ShowTools } from "../../shared/domain/flows/show-flows.ts";
import type { ResumeRunTools } from "../../shared/domain/runs/resume-run.ts";
import { Requirements } from "../../shared/domain/steps/requirements.ts";
import type { WorkspaceTools } from "../../shared/domain/workspace/put-workspace.ts";
import type { ViewTools } from "../../shared/domain/workspace/save-view.ts";
import { sfnBulkJobs, sfnDrains } from "../../shared/outbound/sfn-loops.ts";
import { sfnMachines } from "../../shared/outbound/sfn-machines.ts";
import { BatchKeyStore } from "../../shared/store/bulk/batches.ts";
import { BulkStore } from "../../shared/store/bulk/bulks.ts";
import { DueIndex } from "../../shared/store/due.ts";
import { FlowDeletionStore } from "../../shared/store/flows/flow-deletions.ts";
import type { FlowItem } from "../../shared/store/flows/flow-item.ts";
import { VersionStore } from "../../shared/store/flows/versions.ts";
import { RunIndex } from "../../shared/store/runs/run-index.ts";
import { ViewStore } from "../../shared/store/workspace/views.ts";
import type { SettingsStore } from "../../shared/store/workspace/workspace-settings.ts";
import { WorkspaceStore } from "../../shared/store/workspace/workspaces.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { type ClaimNames, claimNames, compileSettings, setting } from "./settings.ts";
import { createTaskDependencies, type TaskDependencies } from "./task-dependencies.ts";

/** Dependencies of the handlers of API calls, events and schedules. */
export interface Dependencies
  extends TaskDependencies,
    ResumeRunTools,
    ReplayTools,
    DeletionTools,
    WorkspaceTools,
    ResumeTools,
    SelectionTools,
    ShowTools,
    ViewTools {
  readonly settings: SettingsStore;
  readonly due: DueIndex;
  readonly batches: BatchKeyStore;
  readonly claims: ClaimNames;
  /** Returns the rate, in runs per second, of bulk operations that do not set their own. */
  readonly bulkRate: () => number;
}

/** Puts the AWS adapters together, on the clients of `runtime`. */
export const createDependencies = (runtime: Runtime = lambdaRuntime()): Dependencies => {
  const tasks = createTaskDependencies(runtime);
  const { table, executions, meters, clock, statesArnPrefix } = tasks;
  const { clients, environment } = runtime;
  const versions = new VersionStore(table);
  return {
    ...tasks,
    versions,
    workspaces: new WorkspaceStore(table),
    runIndex: new RunIndex(table),
    deletions: new FlowDeletionStore(table),
    views: new ViewStore(table),
    bulks: new BulkStore(table),
    batches: new BatchKeyStore(table),
    due: new DueIndex(table),
    requirements: new Requirements(versions),
    spent: async (flow: FlowItem) => {
      const readings = await meters.read(flow, "spend");
      return readings.of(flow.caps.spend?.period ?? "month", clock.now()).used;
    },
    drains: sfnDrains(executions, () => setting(environment, "drainMachineArn")),
    bulkJobs: sfnBulkJobs(executions, () => setting(environment, "bulkMachineArn")),
    bulkRate: () => Number(setting(environment, "bulkRate")),
    machines: sfnMachines(clients.stepFunctions, statesArnPrefix, () =>
      setting(environment, "machineRoleArn"),
    ),
    compileSettings: () => compileSettings(environment),
    claims: claimNames(environment),
  };
};
