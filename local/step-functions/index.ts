import { DatabaseSync } from "node:sqlite";
import type { Activity, Clock } from "../ports/clock.ts";
import {
  AwsError,
  type AwsService,
  type EventBus,
  type Integrations,
  type LambdaInvoker,
  type ObjectStore,
} from "../ports/services.ts";
import * as activityApi from "./api/activities.ts";
import * as aliasApi from "./api/aliases.ts";
import type { Api, Operation } from "./api/api.ts";
import { arnsOf } from "./api/arns.ts";
import * as executionApi from "./api/executions.ts";
import * as historyApi from "./api/history.ts";
import * as machineApi from "./api/machines.ts";
import * as mapRunApi from "./api/map-runs.ts";
import { Parameters } from "./api/parameters.ts";
import * as tagApi from "./api/tags.ts";
import * as taskApi from "./api/tasks.ts";
import * as testApi from "./api/test-state.ts";
import * as versionApi from "./api/versions.ts";
import type { WaitingTask } from "./interpreter/state-module.ts";
import type { TransitionMeter } from "./interpreter/transitions.ts";
import { ActivityWorkers } from "./runner/activity-workers.ts";
import { Endings } from "./runner/endings.ts";
import { FrameRunner } from "./runner/frame-runner.ts";
import { StatusEvents } from "./runner/status-events.ts";
import { Database } from "./store/database.ts";
import { openStores } from "./store/index.ts";
import { SCHEMA } from "./store/schema.ts";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateActivity: activityApi.createActivity,
  DeleteActivity: activityApi.deleteActivity,
  DescribeActivity: activityApi.describeActivity,
  GetActivityTask: activityApi.getActivityTask,
  ListActivities: activityApi.listActivities,
  CreateStateMachine: machineApi.createStateMachine,
  CreateStateMachineAlias: aliasApi.createStateMachineAlias,
  DeleteStateMachine: machineApi.deleteStateMachine,
  DeleteStateMachineAlias: aliasApi.deleteStateMachineAlias,
  DeleteStateMachineVersion: versionApi.deleteStateMachineVersion,
  DescribeExecution: executionApi.describeExecution,
  DescribeMapRun: mapRunApi.describeMapRun,
  DescribeStateMachine: machineApi.describeStateMachine,
  DescribeStateMachineAlias: aliasApi.describeStateMachineAlias,
  GetExecutionHistory: historyApi.getExecutionHistory,
  ListExecutions: executionApi.listExecutions,
  ListMapRuns: mapRunApi.listMapRuns,
  ListStateMachineAliases: aliasApi.listStateMachineAliases,
  ListStateMachineVersions: versionApi.listStateMachineVersions,
  ListStateMachines: machineApi.listStateMachines,
  ListTagsForResource: tagApi.listTagsForResource,
  PublishStateMachineVersion: versionApi.publishStateMachineVersion,
  RedriveExecution: executionApi.redriveExecution,
  SendTaskFailure: taskApi.sendTaskFailure,
  SendTaskHeartbeat: taskApi.sendTaskHeartbeat,
  SendTaskSuccess: taskApi.sendTaskSuccess,
  StartExecution: executionApi.startExecution,
  StartSyncExecution: executionApi.startSyncExecution,
  TagResource: tagApi.tagResource,
  TestState: testApi.testState,
  StopExecution: executionApi.stopExecution,
  UntagResource: tagApi.untagResource,
  UpdateStateMachine: machineApi.updateStateMachine,
  UpdateStateMachineAlias: aliasApi.updateStateMachineAlias,
  ValidateStateMachineDefinition: machineApi.validateStateMachineDefinition,
};

/** Operations that start an execution and answer when it has ended. */
const RESULTS: Readonly<Record<string, (api: Api, executionArn: string) => Record<string, unknown>>> = {
  StartSyncExecution: executionApi.syncResult,
  TestState: testApi.testStateResult,
};

export interface StepFunctionsOptions {
  /** A file, `:memory:`, or an open database that nobody else writes to. */
  readonly database: string | DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  /** The services that flows call in addition to Lambda; none by default. */
  readonly integrations?: Integrations;
  /** The S3 objects of a Distributed Map's readers and writers; none by default. */
  readonly objects?: ObjectStore;
  readonly bus: EventBus;
  readonly meter: TransitionMeter;
  readonly region?: string;
  readonly account?: string;
  /** Called, after the commit, for each task that waits for its token. */
  readonly taskWaiting?: (task: WaitingTask) => void;
}

export interface StepFunctions {
  /** The JSON protocol's operations. An answer is returned after the commit of what it reports. @throws AwsError */
  readonly service: AwsService;
  /** Continues every running execution. Must be called once, as soon as Lambda functions can be invoked. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

const NONE: Integrations = {
  call: async ({ service, action }) => ({ kind: "unknown", cause: `Nothing answers ${service}:${action}` }),
};

const NO_OBJECTS: ObjectStore = { read: () => undefined, list: () => undefined, write: () => undefined };

/** Creates the local Step Functions. All of its state is in the database; nothing runs before `recover` or an operation. */
export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const {
    clock,
    activity,
    lambda,
    integrations = NONE,
    objects = NO_OBJECTS,
    bus,
    meter,
    region = "us-east-1",
    account = "000000000000",
  } = options;
  const database = new Database(
    typeof options.database === "string" ? new DatabaseSync(options.database) : options.database,
    SCHEMA,
  );
  const stores = openStores(database, () => clock.now());
  const { machines, executions, outbox } = stores;
  const events = new StatusEvents({ database, executions, outbox, bus, clock, activity });
  const runner: FrameRunner = new FrameRunner({
    database,
    stores,
    clock,
    activity,
    lambda,
    integrations,
    objects,
    startExecution: (request) => executionApi.startExecution(api, new Parameters(request)),
    meter,
    region,
    taskWaiting: options.taskWaiting,
    statusChanged: (id) => {
      const { machine: arn, status, arn: executionArn } = executions.get(id);
      // EventBridge gets no events of EXPRESS executions.
      if (!executionArn.includes(":express:")) events.add(id);
      else if (status !== "RUNNING") database.afterCommit(() => endings.reached(executionArn));
      if (status !== "RUNNING") runner.executionEnded(id);
      const deleted = status !== "RUNNING" && machines.isDeleting(arn);
      if (deleted && !executions.running(arn)) machines.delete(arn);
    },
  });
  const workers = new ActivityWorkers();
  const endings = new Endings();
  stores.activities.onOffer = () => workers.wake();
  const api: Api = { stores, runner, database, clock, arns: arnsOf(region, account) };

  return {
    service: {
      async call(operation, body, gone) {
        const perform = OPERATIONS[operation];
        if (!perform) throw new AwsError("UnknownOperationException", `Unknown operation: ${operation}`);
        const run = async (): Promise<Record<string, unknown>> => {
          const end = activity.begin();
          try {
            const answer = database.transaction(() => perform(api, new Parameters(body)));
            runner.arm();
            await database.committed();
            return answer;
          } finally {
            end();
          }
        };
        if (operation === "GetActivityTask") return workers.poll(run, gone);
        const answer = await run();
        const result = RESULTS[operation];
        if (result === undefined) return answer;
        const executionArn = String(answer["executionArn"]);
        await endings.of(executionArn, () => executions.byArn(executionArn)?.status !== "RUNNING");
        return result(api, executionArn);
      },
    },
    async recover() {
      runner.recover();
      // Not awaited: each event may lead to the start of another execution, and their events would keep the stack from opening.
      void events.deliver();
    },
    async close() {
      workers.close();
      endings.close();
      runner.stop();
      events.stop();
      database.close();
    },
  };
}

export type { WaitingTask } from "./interpreter/state-module.ts";
