import type { SelectionTools } from "../shared/domain/bulk/bulk-tools.ts";
import type { ResumeTools } from "../shared/domain/deps.ts";
import type { ReplayTools } from "../shared/domain/dispatch/replay-run.ts";
import type { DeletionTools } from "../shared/domain/flows/finish-flow-deletion.ts";
import type { ShowTools } from "../shared/domain/flows/show-flows.ts";
import type { ResumeRunTools } from "../shared/domain/runs/resume-run.ts";
import { Requirements } from "../shared/domain/steps/requirements.ts";
import type { WorkspaceTools } from "../shared/domain/workspace/put-workspace.ts";
import type { ViewTools } from "../shared/domain/workspace/save-view.ts";
import { sfnBulkJobs, sfnDrains } from "../shared/outbound/sfn-loops.ts";
import { sfnMachines } from "../shared/outbound/sfn-machines.ts";
import { BatchKeyStore } from "../shared/store/bulk/batches.ts";
import { BulkStore } from "../shared/store/bulk/bulks.ts";
import { DueIndex } from "../shared/store/due.ts";
import { FlowDeletionStore } from "../shared/store/flows/flow-deletions.ts";
import type { FlowItem } from "../shared/store/flows/flow-item.ts";
import { VersionStore } from "../shared/store/flows/versions.ts";
import { RunIndex } from "../shared/store/runs/run-index.ts";
import type { Table } from "../shared/store/table.ts";
import { ViewStore } from "../shared/store/workspace/views.ts";
import type { SettingsStore } from "../shared/store/workspace/workspace-settings.ts";
import { WorkspaceStore } from "../shared/store/workspace/workspaces.ts";
import type { ClaimNames } from "./middleware/http-identity.ts";
import { claimNames, compileSettings, setting } from "./settings.ts";
import {
  type AwsClients,
  composeTasks,
  ownClients,
  type TaskDependencies,
  taskDependencies,
  useTaskDependencies,
} from "./task-dependencies.ts";

/** What the handlers work with. Only this file and `task-dependencies.ts` know which adapters stand behind it. */
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
  /** Runs a second of a bulk operation that does not say. */
  readonly bulkRate: () => number;
}

/** What stands on these clients. */
export const compose = (clients: AwsClients, tasks = composeTasks(clients)): Dependencies => {
  const { table, executions, meters, clock, statesArnPrefix } = tasks;
  const stores = apiStores(table);
  return {
    ...tasks,
    ...stores,
    due: new DueIndex(table),
    requirements: new Requirements(stores.versions),
    spent: async (flow: FlowItem) => {
      const readings = await meters.read(flow, "spend");
      return readings.of(flow.caps.spend?.period ?? "month", clock.now()).used;
    },
    drains: sfnDrains(executions, () => setting("drainMachineArn")),
    bulkJobs: sfnBulkJobs(executions, () => setting("bulkMachineArn")),
    bulkRate: () => Number(setting("bulkRate")),
    machines: sfnMachines(clients.stepFunctions, statesArnPrefix, () => setting("machineRoleArn")),
    compileSettings,
    claims: claimNames(),
  };
};

const apiStores = (table: Table) => ({
  versions: new VersionStore(table),
  workspaces: new WorkspaceStore(table),
  runIndex: new RunIndex(table),
  deletions: new FlowDeletionStore(table),
  views: new ViewStore(table),
  bulks: new BulkStore(table),
  batches: new BatchKeyStore(table),
});

let built: Dependencies | undefined;

/** Made at the first call, so that loading a handler touches neither network nor environment. */
export const dependencies = (): Dependencies => {
  built ??= compose(ownClients(), taskDependencies());
  return built;
};

/** Others in their place, for what flows call too; undefined: those of `compose` again. */
export const useDependencies = (others: Dependencies | undefined): void => {
  built = others;
  useTaskDependencies(others);
};
