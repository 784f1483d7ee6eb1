import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import type { ContinueDependencies } from "../shared/domain/gates/continue-as-new.ts";
import type { HeadroomTools } from "../shared/domain/gates/history-budget.ts";
import type { MeterTools } from "../shared/domain/holds/count-dispatch.ts";
import type { AccessTools } from "../shared/domain/steps/step-access.ts";
import { randomIds } from "../shared/model/ids.ts";
import { type Clock, systemClock } from "../shared/model/time/clock.ts";
import { schedulerSchedules } from "../shared/outbound/scheduler-schedules.ts";
import { sfnExecutions } from "../shared/outbound/sfn-executions.ts";
import { CounterStore } from "../shared/store/flows/counters.ts";
import { FlowStore } from "../shared/store/flows/flows.ts";
import { HoldStore } from "../shared/store/flows/holds.ts";
import { MeterStore } from "../shared/store/flows/meters.ts";
import { QueueStore } from "../shared/store/flows/queues.ts";
import { ContinuationStore } from "../shared/store/runs/continuations.ts";
import { ParkStore } from "../shared/store/runs/parks.ts";
import { RunStore } from "../shared/store/runs/runs.ts";
import { StepStore } from "../shared/store/runs/steps.ts";
import { Table } from "../shared/store/table.ts";
import { MemberStore } from "../shared/store/workspace/members.ts";
import { SettingsStore } from "../shared/store/workspace/workspace-settings.ts";
import { historyMark, schedulerSettings, setting } from "./settings.ts";
import { metrics } from "./telemetry/invocation.ts";
import { log } from "./telemetry/log.ts";
import { countingThrottles } from "./telemetry/throttles.ts";

/** One transport each for the life of the sandbox. The SDK finds the local stack by its own environment variables. */
export const awsClients = () => ({
  dynamodb: countingThrottles(new DynamoDBClient({}), "dynamoDbThrottles"),
  stepFunctions: countingThrottles(new SFNClient({}), "stepFunctionsThrottles"),
  scheduler: countingThrottles(new SchedulerClient({}), "schedulerThrottles"),
});
export type AwsClients = ReturnType<typeof awsClients>;

/** What the functions inside of flows work with. Called before every step, they load no more than that. */
export interface TaskDependencies extends HeadroomTools, ContinueDependencies, AccessTools, MeterTools {
  readonly table: Table;
  readonly members: MemberStore;
  readonly settings: SettingsStore;
}

/** What stands on these clients. */
export const composeTasks = ({ dynamodb, stepFunctions, scheduler }: AwsClients): TaskDependencies => {
  const table = new Table(dynamodb, setting("table"));
  const members = new MemberStore(table);
  return {
    clock: { now: () => clock.now() },
    ids: randomIds,
    table,
    runs: new RunStore(table),
    steps: new StepStore(table),
    parks: new ParkStore(table),
    holds: new HoldStore(table),
    queues: new QueueStore(table),
    counters: new CounterStore(table),
    meters: new MeterStore(table),
    flows: new FlowStore(table),
    members,
    settings: new SettingsStore(table),
    async permissionsOf(workspace, userId) {
      return (await members.read(workspace, userId))?.permissions ?? [];
    },
    continuations: new ContinuationStore(table),
    executions: sfnExecutions(stepFunctions),
    schedules: schedulerSchedules(scheduler, schedulerSettings),
    statesArnPrefix: setting("statesArnPrefix"),
    historyMark,
    log,
    metrics,
  };
};

let clock: Clock = systemClock;
let clients: AwsClients | undefined;
let built: TaskDependencies | undefined;

/** One set of clients, however much stands on them. */
export const ownClients = (): AwsClients => {
  clients ??= awsClients();
  return clients;
};

/** Made at the first call, so that loading a handler touches neither network nor environment. */
export const taskDependencies = (): TaskDependencies => {
  built ??= composeTasks(ownClients());
  return built;
};

/** Others in their place, as a proof needs them that watches or breaks the calls of AWS; undefined: those of `composeTasks` again. */
export const useTaskDependencies = (others: TaskDependencies | undefined): void => {
  built = others;
  clients = undefined;
};

/** The local stack's clock, which can be moved, instead of the machine's. */
export const useClock = (other: Clock): void => {
  clock = other;
};
