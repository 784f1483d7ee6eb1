import type {
  BulkDependencies,
  FlowDeletionDependencies,
  IncidentDependencies,
  IntakeDependencies,
  LiftDependencies,
  RehearsalDependencies,
  RenewDependencies,
  ReplayDependencies,
  ResumeRunDependencies,
  TeamMachineDependencies,
  WorkspaceDependencies,
} from "../../shared/domain/deps.ts";
import { Requirements } from "../../shared/domain/steps/steps-ahead.ts";
import { schedulerTriggers } from "../../shared/outbound/scheduler-triggers.ts";
import { sfnBulkJobs, sfnDrains } from "../../shared/outbound/sfn-executions.ts";
import { sfnMachines } from "../../shared/outbound/sfn-machines.ts";
import { sfnStateTests } from "../../shared/outbound/sfn-state-tests.ts";
import { sfnTeamMachines } from "../../shared/outbound/sfn-team-machines.ts";
import { BatchKeyStore } from "../../shared/store/bulk/batch-keys.ts";
import { BulkStore } from "../../shared/store/bulk/bulks.ts";
import { DueIndex } from "../../shared/store/due.ts";
import { FlowDeletionStore } from "../../shared/store/flows/flow-deletions.ts";
import { IncidentStore } from "../../shared/store/flows/incidents.ts";
import { TriggerStore } from "../../shared/store/flows/triggers.ts";
import { VersionStore } from "../../shared/store/flows/versions.ts";
import { RunIndex } from "../../shared/store/runs/run-index.ts";
import { ViewStore } from "../../shared/store/workspace/views.ts";
import type { SettingsStore } from "../../shared/store/workspace/workspace-settings.ts";
import { WorkspaceStore } from "../../shared/store/workspace/workspaces.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import {
  type ClaimNames,
  claimNames,
  compileSettings,
  machineOptions,
  setting,
  triggerSettings,
} from "./settings.ts";
import { createTaskDependencies, type TaskDependencies } from "./task-dependencies.ts";

/** Dependencies of the handlers of API calls, events and schedules. */
export interface Dependencies
  extends TaskDependencies,
    Omit<ResumeRunDependencies, "ends" | "limits">,
    Omit<RehearsalDependencies, "ends" | "limits">,
    Omit<ReplayDependencies, "ends" | "limits">,
    Omit<FlowDeletionDependencies, "ends" | "limits">,
    Omit<IntakeDependencies, "ends" | "limits">,
    WorkspaceDependencies,
    LiftDependencies,
    Omit<RenewDependencies, "ends" | "limits">,
    BulkDependencies,
    IncidentDependencies,
    WorkspaceDependencies,
    TeamMachineDependencies {
  readonly settings: SettingsStore;
  readonly due: DueIndex;
  readonly batches: BatchKeyStore;
  readonly claims: ClaimNames;
  /** Returns the rate, in runs per second, of bulk operations that do not set their own. */
  readonly bulkRate: () => number;
}

/** Eleven months: Step Functions ends a STANDARD execution after a year. That leaves a month of checks for what fails at first. */
const MAX_STAY_MS = 334 * 86_400_000;

/** Creates the AWS adapters with the clients of `runtime`. */
export const createDependencies = (runtime: Runtime = lambdaRuntime()): Dependencies => {
  const tasks = createTaskDependencies(runtime);
  const { table, executions, machinePlace } = tasks;
  const { clients, environment } = runtime;
  const versions = new VersionStore(table);
  return {
    ...tasks,
    versions,
    triggers: new TriggerStore(table),
    triggerSchedules: schedulerTriggers(clients.scheduler, () => triggerSettings(environment)),
    workspaces: new WorkspaceStore(table),
    runIndex: new RunIndex(table),
    deletions: new FlowDeletionStore(table),
    views: new ViewStore(table),
    bulks: new BulkStore(table),
    incidents: new IncidentStore(table),
    batches: new BatchKeyStore(table),
    due: new DueIndex(table),
    requirements: new Requirements(versions),
    drains: sfnDrains(executions, () => setting(environment, "drainMachineArn")),
    bulkJobs: sfnBulkJobs(executions, () => setting(environment, "bulkMachineArn")),
    bulkRate: () => Number(setting(environment, "bulkRate")),
    machines: sfnMachines(
      clients.stepFunctions,
      machinePlace,
      (workspace) => setting(environment, "machineRoleArn").replaceAll("{workspace}", workspace),
      () => machineOptions(environment),
    ),
    stateTests: sfnStateTests(clients.stepFunctions),
    teamMachines: sfnTeamMachines(clients.stepFunctions),
    compileSettings: () => compileSettings(environment),
    maxStayMs: MAX_STAY_MS,
    claims: claimNames(environment),
  };
};
