import { Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { functions } from "../functions.ts";
import { acknowledge } from "./acknowledge.ts";
import type { Grants } from "./allow/grants.ts";
import { addGrants, machineGrants } from "./allow/statements.ts";
import { LOG_DELIVERY } from "./loop-machine.ts";
import { named, namedOnce, namedOnceForNag } from "./names.ts";
import { allowing } from "./policy-statements.ts";
import {
  everyMachineArn,
  executionsArn,
  functionArn,
  MACHINE_ROLE_NAME,
  machineRoleName,
  machinesArn,
  taskRoleArn,
} from "./reserved-arns.ts";

/** The functions that compiled flows call. */
const CALLED = [functions.gate, functions.park, functions.humanStep, functions.handOver];

const NAG_STATES = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>";

interface FlowRoleProps {
  readonly roleName: string;
  readonly description: string;
  /** The workspaces whose task roles it may assume: one, or all (`*`). */
  readonly workspace: string;
  /** Machines that it runs: their names without `sluice-`. */
  readonly machines: string;
  readonly observed: MachineObservation;
}

/** Whether flows' machines log and trace. */
export interface MachineObservation {
  readonly logged: boolean;
  readonly traced: boolean;
}

/** The actions of a machine's role for X-Ray (Step Functions guide, "Tracing"). */
const TRACING = ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"].map(
  (action) => `xray:${action}`,
);

/**
 * A role for flows' state machines. It may call Sluice's task functions, run the children of Distributed Maps, and assume task
 * roles. A user's Task reaches everything else through its workspace's task role.
 */
class FlowRole extends Role {
  constructor(
    scope: Construct,
    id: string,
    { roleName, description, workspace, machines, observed }: FlowRoleProps,
  ) {
    super(scope, id, {
      roleName: namedOnce(scope, roleName),
      description,
      // Only for Sluice's machines in this account: the conditions that the Step Functions guide recommends against a confused
      // deputy.
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(scope).account },
          // Any machine, if it logs: to set up logging, Step Functions assumes the role before the machine exists.
          ArnLike: {
            "aws:SourceArn": observed.logged ? everyMachineArn(scope) : machinesArn(scope, machines),
          },
        },
      }),
    });
    this.addToPolicy(
      allowing(
        ["lambda:InvokeFunction"],
        CALLED.map(({ name }) => functionArn(this, name)),
      ),
    );
    this.addToPolicy(allowing(["sts:AssumeRole"], [taskRoleArn(this, workspace)]));
    // The children of a Distributed Map are executions of the same machine, which this role starts and stops
    // (Step Functions guide, "IAM policies for using Distributed Map states").
    this.addToPolicy(allowing(["states:StartExecution"], [machinesArn(this, machines)]));
    this.addToPolicy(
      allowing(["states:DescribeExecution", "states:StopExecution"], [executionsArn(this, machines)]),
    );
    const unbound = [...(observed.logged ? LOG_DELIVERY : []), ...(observed.traced ? TRACING : [])];
    if (unbound.length > 0) {
      this.addToPolicy(allowing(unbound, ["*"]));
      acknowledge(this, {
        "IAM5[Resource::*]":
          "The actions of log delivery and X-Ray do not support resource-level permissions.",
      });
    }
    acknowledge(this, {
      [`IAM5[Resource::${NAG_STATES}:stateMachine:${named(this, "sluice-")}${machines}]`]:
        "Flows are published at run time, so their machines are known only by the reserved prefix.",
      [`IAM5[Resource::${NAG_STATES}:execution:${named(this, "sluice-")}${machines}:*]`]:
        "Children of a Distributed Map are started at run time. The prefix limits them to Sluice's machines.",
    });
  }
}

/**
 * The role that earlier releases used for the machines of all workspaces. New machines do not get it. Flows that have not been
 * published since, and executions that began before, still run with it.
 */
export class SharedMachineRole extends FlowRole {
  constructor(scope: Construct, id: string, observed: MachineObservation) {
    super(scope, id, {
      roleName: MACHINE_ROLE_NAME,
      description: "Role of the state machines that Sluice creates",
      workspace: "*",
      machines: "*",
      observed,
    });
    acknowledge(this, {
      [`IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/${namedOnceForNag(this, "sluice-task-*")}]`]:
        "Machines of all workspaces had this role, so it assumes all task roles. Each role's trust policy decides.",
    });
  }
}

export interface WorkspaceMachineRoleProps {
  readonly workspace: string;
  /** Roles that Tasks may name in `Credentials`, and the resources of readers and writers of Distributed Maps. */
  readonly allow?: Grants;
  readonly observed?: MachineObservation;
}

/**
 * The role of one workspace's state machines. It may call Sluice's task functions, run the children of Distributed Maps, assume the
 * workspace's task role and the roles that `credentials` names, and use the buckets that `readers` names. It cannot assume the task
 * role of another workspace.
 */
export class WorkspaceMachineRole extends FlowRole {
  constructor(
    scope: Construct,
    id: string,
    { workspace, allow = {}, observed = { logged: false, traced: false } }: WorkspaceMachineRoleProps,
  ) {
    super(scope, id, {
      roleName: machineRoleName(workspace),
      description: `Role of the state machines of Sluice workspace ${workspace}`,
      workspace,
      machines: `${workspace}-*`,
      observed,
    });
    addGrants(this, machineGrants(allow));
  }
}
