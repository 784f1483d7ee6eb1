import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import type { SelectionTools } from "../shared/domain/bulk-tools.ts";
import type { Engine } from "../shared/domain/engine.ts";
import type { DeletionTools } from "../shared/domain/finish-flow-deletion.ts";
import type { HandOverTools } from "../shared/domain/hand-over.ts";
import type { HeadroomTools } from "../shared/domain/headroom.ts";
import type { ResumeTools } from "../shared/domain/hold-tools.ts";
import type { WorkspaceTools } from "../shared/domain/put-workspace.ts";
import type { ReplayTools } from "../shared/domain/replay-run.ts";
import { Requirements } from "../shared/domain/requirements.ts";
import type { ResumeRunTools } from "../shared/domain/resume-run.ts";
import type { ViewTools } from "../shared/domain/save-view.ts";
import type { ShowTools } from "../shared/domain/show-flows.ts";
import { type Clock, systemClock } from "../shared/model/clock.ts";
import { randomIds } from "../shared/model/ids.ts";
import { schedulerSchedules } from "../shared/outbound/scheduler-schedules.ts";
import { sfnExecutions } from "../shared/outbound/sfn-executions.ts";
import { sfnBulkJobs, sfnDrains } from "../shared/outbound/sfn-loops.ts";
import { sfnMachines } from "../shared/outbound/sfn-machines.ts";
import { BatchKeyStore } from "../shared/store/batches.ts";
import { BulkStore } from "../shared/store/bulks.ts";
import { Table } from "../shared/store/client.ts";
import { CounterStore } from "../shared/store/counters.ts";
import { DueIndex } from "../shared/store/due.ts";
import { FlowDeletionStore } from "../shared/store/flow-deletions.ts";
import { FlowStore } from "../shared/store/flows.ts";
import { HandOverStore } from "../shared/store/hand-overs.ts";
import { HoldStore } from "../shared/store/holds.ts";
import { MemberStore } from "../shared/store/members.ts";
import { MeterStore } from "../shared/store/meters.ts";
import { ParkStore } from "../shared/store/parks.ts";
import { QueueStore } from "../shared/store/queues.ts";
import type { FlowRecord } from "../shared/store/records.ts";
import { RunIndex } from "../shared/store/run-index.ts";
import { RunStore } from "../shared/store/runs.ts";
import { StepStore } from "../shared/store/steps.ts";
import { VersionStore } from "../shared/store/versions.ts";
import { ViewStore } from "../shared/store/views.ts";
import { SettingsStore } from "../shared/store/workspace-settings.ts";
import { WorkspaceStore } from "../shared/store/workspaces.ts";
import type { ClaimNames } from "./middleware/http-identity.ts";
import { claimNames, compileSettings, historyMark, schedulerSettings, setting } from "./settings.ts";
import { metrics } from "./telemetry/invocation.ts";
import { log } from "./telemetry/log.ts";
import { countingThrottles } from "./telemetry/throttles.ts";

/** What the handlers work with. Only this file knows which adapters stand behind it. */
export interface Dependencies
  extends Engine,
    ResumeRunTools,
    ReplayTools,
    DeletionTools,
    WorkspaceTools,
    ResumeTools,
    SelectionTools,
    ShowTools,
    ViewTools,
    HandOverTools,
    HeadroomTools {
  readonly table: Table;
  readonly due: DueIndex;
  readonly batches: BatchKeyStore;
  readonly settings: SettingsStore;
  readonly claims: ClaimNames;
  /** Runs a second of a bulk operation that does not say. */
  readonly bulkRate: () => number;
}

/** One transport each for the life of the sandbox. The SDK finds the local stack by its own environment variables. */
export const awsClients = () => ({
  dynamodb: countingThrottles(new DynamoDBClient({}), "dynamoDbThrottles"),
  stepFunctions: countingThrottles(new SFNClient({}), "stepFunctionsThrottles"),
  scheduler: countingThrottles(new SchedulerClient({}), "schedulerThrottles"),
});
export type AwsClients = ReturnType<typeof awsClients>;

/** What stands on these clients. */
export const compose = ({ dynamodb, stepFunctions, scheduler }: AwsClients): Dependencies => {
  const table = new Table(dynamodb, setting("table"));
  const executions = sfnExecutions(stepFunctions);
  const statesArnPrefix = setting("statesArnPrefix");
  const stores = apiStores(table);
  return {
    clock: { now: () => clock.now() },
    ids: randomIds,
    table,
    runs: new RunStore(table),
    steps: new StepStore(table),
    parks: new ParkStore(table),
    holds: new HoldStore(table),
    due: new DueIndex(table),
    async permissionsOf(workspace, userId) {
      return (await stores.members.read(workspace, userId))?.permissions ?? [];
    },
    handOvers: new HandOverStore(table),
    executions,
    statesArnPrefix,
    historyMark,
    ...stores,
    requirements: new Requirements(stores.versions),
    ...holdStores(table),
    schedules: schedulerSchedules(scheduler, schedulerSettings),
    drains: sfnDrains(executions, () => setting("drainMachineArn")),
    bulkJobs: sfnBulkJobs(executions, () => setting("bulkMachineArn")),
    bulkRate: () => Number(setting("bulkRate")),
    machines: sfnMachines(stepFunctions, statesArnPrefix, () => setting("machineRoleArn")),
    compileSettings,
    claims: claimNames(),
    log,
    metrics,
  };
};

const apiStores = (table: Table) => ({
  flows: new FlowStore(table),
  versions: new VersionStore(table),
  workspaces: new WorkspaceStore(table),
  settings: new SettingsStore(table),
  members: new MemberStore(table),
  runIndex: new RunIndex(table),
  deletions: new FlowDeletionStore(table),
  views: new ViewStore(table),
  bulks: new BulkStore(table),
  batches: new BatchKeyStore(table),
});

const holdStores = (table: Table) => {
  const meters = new MeterStore(table);
  return {
    meters,
    counters: new CounterStore(table),
    queues: new QueueStore(table),
    spent: async (flow: FlowRecord) => {
      const readings = await meters.read(flow, "spend");
      return readings.of(flow.caps.spend?.period ?? "month", clock.now()).used;
    },
  };
};

let clock: Clock = systemClock;
let built: Dependencies | undefined;

/** Made at the first call, so that loading a handler touches neither network nor environment. */
export const dependencies = (): Dependencies => {
  built ??= compose(awsClients());
  return built;
};

/** Others in their place, as a proof needs them that watches or breaks the calls of AWS; undefined: those of `compose` again. */
export const useDependencies = (others: Dependencies | undefined): void => {
  built = others;
};

/** The local stack's clock, which can be moved, instead of the machine's. */
export const useClock = (other: Clock): void => {
  clock = other;
};
