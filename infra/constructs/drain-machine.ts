import { Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { DRAIN_MACHINE, drainDefinition } from "../../shared/model/drain-machine.ts";
import { acknowledge } from "./acknowledge.ts";
import { drainMachineArn } from "./reserved-arns.ts";

/** The state machine that empties a flow's queue after its last hold, and the role that lets it call its one function. */
export class DrainMachine extends Construct {
  constructor(scope: Construct, id: string, batch: IFunction) {
    super(scope, id);
    const stack = Stack.of(this);
    const role = new Role(this, "role", {
      roleName: "sluice-drain",
      description: "Role of the state machine that empties the queues of flows",
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account },
          ArnLike: { "aws:SourceArn": drainMachineArn(this) },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [batch.functionArn] }),
    );
    const machine = new CfnStateMachine(this, "machine", {
      stateMachineName: DRAIN_MACHINE,
      stateMachineType: "STANDARD",
      definitionString: stack.toJsonString(drainDefinition(batch.functionArn)),
      roleArn: role.roleArn,
    });
    // The policy is a resource of its own; Step Functions checks the role when an execution begins.
    machine.node.addDependency(role);
    acknowledge(machine, {
      SF1: "Its executions keep their history for 90 days, and its function logs each batch.",
      SF2: "Its one function is traced; the machine itself only waits between the calls.",
    });
  }
}
