import type {
  AccessDependencies,
  HoldDependencies,
  StateGateDependencies,
} from "../../shared/domain/deps.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { schedulerSchedules } from "../../shared/outbound/scheduler-schedules.ts";
import { sfnExecutions } from "../../shared/outbound/sfn-executions.ts";
import { AttachmentStore } from "../../shared/store/flows/attachments.ts";
import { CounterStore } from "../../shared/store/flows/counters.ts";
import { FlowStore } from "../../shared/store/flows/flows.ts";
import { HoldStore } from "../../shared/store/flows/holds.ts";
import { MeterStore } from "../../shared/store/flows/meters.ts";
import { QueueStore } from "../../shared/store/flows/queues.ts";
import { ContinuationStore } from "../../shared/store/runs/continuations.ts";
import { ParkStore } from "../../shared/store/runs/parks.ts";
import { RunStore } from "../../shared/store/runs/runs.ts";
import { StepStore } from "../../shared/store/runs/steps.ts";
import { SlotQueueStore } from "../../shared/store/slots/slot-queue.ts";
import { SlotStore } from "../../shared/store/slots/slots.ts";
import { Table } from "../../shared/store/table.ts";
import { MemberStore } from "../../shared/store/workspace/members.ts";
import { SettingsStore } from "../../shared/store/workspace/workspace-settings.ts";
import { metrics } from "../telemetry/invocation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { historyMark, instanceOf, schedulerSettings, setting } from "./settings.ts";

/** Dependencies of the functions that compiled flows call. They run before every step, so they load nothing else. */
export interface TaskDependencies
  extends Telemetry,
    Omit<StateGateDependencies, "ends" | "limits">,
    AccessDependencies,
    HoldDependencies {
  readonly table: Table;
  readonly members: MemberStore;
  readonly settings: SettingsStore;
}

/** Creates the AWS adapters with the clients of `runtime`. */
export const createTaskDependencies = (runtime: Runtime = lambdaRuntime()): TaskDependencies => {
  const { clients, clock, environment, log, publishMetrics } = runtime;
  const table = new Table(clients.dynamodb, setting(environment, "table"));
  const members = new MemberStore(table);
  return {
    clock,
    ids: randomIds,
    table,
    runs: new RunStore(table),
    steps: new StepStore(table),
    parks: new ParkStore(table),
    holds: new HoldStore(table),
    queues: new QueueStore(table),
    counters: new CounterStore(table),
    slots: new SlotStore(table),
    slotQueues: new SlotQueueStore(table),
    meters: new MeterStore(table),
    flows: new FlowStore(table),
    attachments: new AttachmentStore(table),
    members,
    settings: new SettingsStore(table),
    async permissionsOf(workspace, userId) {
      return (await members.read(workspace, userId))?.permissions ?? [];
    },
    continuations: new ContinuationStore(table),
    executions: sfnExecutions(clients.stepFunctions),
    schedules: schedulerSchedules(clients.scheduler, () => schedulerSettings(environment)),
    machinePlace: {
      arnPrefix: setting(environment, "statesArnPrefix"),
      instance: instanceOf(environment),
    },
    historyMark: () => historyMark(environment),
    log,
    metrics,
    publishMetrics,
  };
};
