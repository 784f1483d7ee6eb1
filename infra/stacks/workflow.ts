import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import {
  BULK_MACHINE,
  bulkDefinition,
  DRAIN_MACHINE,
  drainDefinition,
} from "../../shared/model/machines/loop-machine.ts";
import type { Grants } from "../constructs/allow/grants.ts";
import { attachableMachines } from "../constructs/attached/machines.ts";
import { addWorkspaceAliases } from "../constructs/attached/workspace-aliases.ts";
import { DeadLetterQueue, keepFailedEvents } from "../constructs/dead-letter-queue.ts";
import { LoopMachine } from "../constructs/loop-machine.ts";
import { SharedMachineRole, WorkspaceMachineRole } from "../constructs/machine-role.ts";
import { named } from "../constructs/names.ts";
import { flowLogName, machineArnPrefix } from "../constructs/reserved-arns.ts";
import { SluiceFunction, type SluiceFunctionProps } from "../constructs/sluice-function.ts";
import { TableChanges } from "../constructs/table-changes.ts";
import { WorkspaceTaskRole } from "../constructs/workspace-task-role.ts";
import { ENDED_STATUSES, tableStream } from "../event-sources.ts";
import { SluiceStack } from "./sluice-stack.ts";

export interface WorkflowStackProps extends SluiceFunctionProps {
  /**
   * Workspaces whose roles this stack creates. Other workspaces bring their own, named `sluice-flows-<workspace>` and
   * `sluice-task-<workspace>`.
   */
  readonly workspaces: readonly string[];
  /** The grants of workspaces' roles, by workspace. */
  readonly allow: Readonly<Record<string, Grants>>;
  readonly taskTag: string;
  /** Lambda keeps this concurrency for the gate alone, and gives it no more. */
  readonly gateConcurrency?: number | undefined;
  /** The same for the function in which dispatches wait: so many callers can wait at once. */
  readonly waitConcurrency?: number | undefined;
}

/** A batch limits itself to seconds; the rest of the time allows for throttling. */
const BATCH_SIZING = { timeout: Duration.minutes(1), memorySize: 512 };

/**
 * The functions that compiled flows call, the roles of flows, the drain, bulk operations, the handler of ended executions, and the
 * publisher of events.
 */
export class WorkflowStack extends SluiceStack {
  readonly deadLetters: Queue;
  /** Publishes the table's changes on the event bus. */
  readonly publisher: LambdaFunction;
  readonly gate: LambdaFunction;

  constructor(scope: Construct, props: WorkflowStackProps) {
    super(scope, "sluice-workflow", {
      description: "Sluice: gates, parks and the roles of flows",
    });

    const called = (key: "gate" | "park" | "humanStep" | "handOver") =>
      new SluiceFunction(this, key, props, {
        ...{ memorySize: 512, traced: false },
        ...(key === "gate" && { reservedConcurrency: props.gateConcurrency }),
      });
    const { attachable } = props.parameters;
    const gate = called("gate");
    this.gate = gate;
    addWorkspaceAliases(this, "gate", gate, Object.keys(attachable));
    addWorkspaceAliases(this, "park", called("park"), Object.keys(attachable));
    const register = new SluiceFunction(this, "register", props, { timeout: Duration.minutes(1) });
    const workspaces = [...props.workspaces, ...Object.keys(attachable)];
    addWorkspaceAliases(this, "register", register, workspaces);
    for (const key of ["humanStep", "handOver"] as const) called(key);
    const intake = new SluiceFunction(this, "intake", props);
    addWorkspaceAliases(this, "intake", intake, workspaces);
    new SluiceFunction(this, "wait", props, {
      ...{ memorySize: 256, reservedConcurrency: props.waitConcurrency },
    });
    new LoopMachine(this, "drain-machine", {
      name: DRAIN_MACHINE,
      purpose: "empties the queues of flows",
      batch: new SluiceFunction(this, "drain", props, BATCH_SIZING),
      definition: drainDefinition,
      logRetention: props.logRetention,
    });
    new LoopMachine(this, "bulk-machine", {
      name: BULK_MACHINE,
      purpose: "processes bulk operations",
      batch: new SluiceFunction(this, "bulkBatch", props, BATCH_SIZING),
      definition: bulkDefinition,
      logRetention: props.logRetention,
    });
    const { flowLogLevel, flowTracing = false } = props.parameters;
    const observed = { logged: flowLogLevel !== undefined, traced: flowTracing };
    if (observed.logged)
      new LogGroup(this, "flow-log", {
        logGroupName: flowLogName(this),
        retention: props.logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    new SharedMachineRole(this, "machine-role", observed);
    for (const workspace of props.workspaces) {
      const allow = props.allow[workspace] ?? {};
      new WorkspaceMachineRole(this, `machine-role-${workspace}`, { workspace, allow, observed });
      new WorkspaceTaskRole(this, `task-role-${workspace}`, { workspace, tagKey: props.taskTag, allow });
    }

    this.deadLetters = new DeadLetterQueue(this, "dead-letters", named(this, "sluice-events-dead-letters"));
    const executionClosed = new SluiceFunction(this, "executionClosed", props, {
      timeout: Duration.minutes(1),
    });
    keepFailedEvents(executionClosed, this.deadLetters);
    this.publisher = new SluiceFunction(this, tableStream.function, props, { timeout: Duration.minutes(1) });
    new TableChanges(this, "changes", {
      table: props.table,
      reader: this.publisher,
      deadLetters: this.deadLetters,
    });
    new Rule(this, "execution-closed-rule", {
      ruleName: named(this, "sluice-execution-closed"),
      description: "An execution of a Sluice flow ended",
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: {
          status: [...ENDED_STATUSES],
          stateMachineArn: [
            { prefix: machineArnPrefix(this) },
            ...attachableMachines(this, attachable).map((wildcard) => ({ wildcard })),
          ],
        },
      },
      targets: [
        new LambdaTarget(executionClosed, {
          deadLetterQueue: this.deadLetters,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }
}
