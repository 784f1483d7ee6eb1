import { DatabaseSync } from "node:sqlite";
import { AwsError, type AwsService } from "../ports/aws-service.ts";
import type { Activity, Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { LambdaInvoker } from "../ports/lambda.ts";
import type { Api, Operation } from "./api/api.ts";
import { arnsOf } from "./api/arns.ts";
import {
  describeExecution,
  listExecutions,
  redriveExecution,
  startExecution,
  stopExecution,
} from "./api/executions.ts";
import { getExecutionHistory } from "./api/history.ts";
import {
  createStateMachine,
  deleteStateMachine,
  describeStateMachine,
  listStateMachines,
  updateStateMachine,
  validateStateMachineDefinition,
} from "./api/machines.ts";
import { Parameters } from "./api/parameters.ts";
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from "./api/tasks.ts";
import {
  deleteStateMachineVersion,
  listStateMachineVersions,
  publishStateMachineVersion,
} from "./api/versions.ts";
import type { WaitingTask } from "./interpreter/kernel.ts";
import type { TransitionMeter } from "./interpreter/transitions.ts";
import { Engine } from "./runner/frame-runner.ts";
import { StatusEvents } from "./runner/status-events.ts";
import { Journal } from "./store/database.ts";
import { openStores } from "./store/index.ts";
import { SCHEMA } from "./store/schema.ts";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: createStateMachine,
  DeleteStateMachine: deleteStateMachine,
  DeleteStateMachineVersion: deleteStateMachineVersion,
  DescribeExecution: describeExecution,
  DescribeStateMachine: describeStateMachine,
  GetExecutionHistory: getExecutionHistory,
  ListExecutions: listExecutions,
  ListStateMachineVersions: listStateMachineVersions,
  ListStateMachines: listStateMachines,
  PublishStateMachineVersion: publishStateMachineVersion,
  RedriveExecution: redriveExecution,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
  SendTaskSuccess: sendTaskSuccess,
  StartExecution: startExecution,
  StopExecution: stopExecution,
  UpdateStateMachine: updateStateMachine,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};

export interface StepFunctionsOptions {
  /** A file, `:memory:`, or an open database that nobody else writes to. */
  readonly database: string | DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  readonly bus: EventBus;
  readonly meter: TransitionMeter;
  readonly region?: string;
  readonly account?: string;
  /** Told, once it is on disk, of each task that waits for its token. */
  readonly taskWaiting?: (task: WaitingTask) => void;
}

export interface StepFunctions {
  /** The JSON protocol's operations; an answer means that what it says is on disk. Throws AwsError. */
  readonly service: AwsService;
  /** Takes every running execution up where it stood; to be called once, when everything that Lambdas need is there. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** The local Step Functions. All of its state is in the database; nothing begins before `recover`, or a call. */
export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const { clock, activity, lambda, bus, meter, region = "us-east-1", account = "000000000000" } = options;
  const journal = new Journal(
    typeof options.database === "string" ? new DatabaseSync(options.database) : options.database,
    SCHEMA,
  );
  const stores = openStores(journal, () => clock.now());
  const { machines, executions, outbox } = stores;
  const events = new StatusEvents({ journal, executions, outbox, bus, clock, activity });
  const engine = new Engine({
    journal,
    stores,
    clock,
    activity,
    lambda,
    meter,
    region,
    taskWaiting: options.taskWaiting,
    statusChanged: (id) => {
      events.add(id);
      const { machine: arn, status } = executions.get(id);
      const deleted = status !== "RUNNING" && machines.isDeleting(arn);
      if (deleted && !executions.running(arn)) machines.delete(arn);
    },
  });
  const api: Api = { stores, engine, journal, clock, arns: arnsOf(region, account) };

  return {
    service: {
      async call(operation, body) {
        const perform = OPERATIONS[operation];
        if (!perform) throw new AwsError("UnknownOperationException", `Unknown operation: ${operation}`);
        const end = activity.begin();
        try {
          const answer = journal.atomically(() => perform(api, new Parameters(body)));
          engine.arm();
          await journal.committed();
          return answer;
        } finally {
          end();
        }
      },
    },
    async recover() {
      engine.recover();
      await events.deliver();
    },
    async close() {
      engine.stop();
      events.stop();
      journal.close();
    },
  };
}

export type { WaitingTask } from "./interpreter/kernel.ts";
