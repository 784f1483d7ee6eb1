import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { FunctionDefinition } from "../../functions.ts";
import { acknowledge } from "../acknowledge.ts";

/** Patterns of the names of the state machines that each workspace may attach. */
export type Attachable = Readonly<Record<string, readonly string[]>>;

const patternsOf = (attachable: Attachable): string[] =>
  [...new Set(Object.values(attachable).flat())].sort();

const arnOf = (scope: Construct, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({
    ...{ service: "states", resource, resourceName },
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** ARNs of the machines that may be attached, with `*` as a wildcard. */
export const attachableMachines = (scope: Construct, attachable: Attachable): string[] =>
  patternsOf(attachable).map((pattern) => arnOf(scope, "stateMachine", pattern));

/** Actions on executions. They never change a state machine, so a function has them on attached machines as well as on Sluice's own. */
const ON_RUNS: Readonly<Record<string, "stateMachine" | "execution">> = {
  StartExecution: "stateMachine",
  SendTaskSuccess: "stateMachine",
  SendTaskFailure: "stateMachine",
  StopExecution: "execution",
  DescribeExecution: "execution",
  GetExecutionHistory: "execution",
};

/** Actions whose resource is an alias: `arn:…:stateMachine:<name>:<alias>`. */
const ON_ALIASES: ReadonlySet<string> = new Set(["DescribeStateMachineAlias", "UpdateStateMachineAlias"]);

const NAG_STATES = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>";

/** Returns a function's permissions on the machines that workspaces may attach; none if there are no such machines. */
export const attachedStatements = (
  scope: Construct,
  { states = [], teams = [], attaches }: FunctionDefinition,
  attachable: Attachable,
): PolicyStatement[] => {
  const patterns = patternsOf(attachable);
  if (patterns.length === 0) return [];
  const onRuns = (resource: "stateMachine" | "execution") =>
    states.filter((action) => ON_RUNS[action] === resource);
  const onAliases = teams.filter((action) => ON_ALIASES.has(action));
  const onMachines = teams.filter((action) => !ON_ALIASES.has(action));
  const machines = [...new Set([...onRuns("stateMachine"), ...onMachines])];
  const statements: PolicyStatement[] = [];
  const allow = (actions: readonly string[], resources: string[]): void => {
    if (actions.length === 0) return;
    statements.push(new PolicyStatement({ actions: actions.map((action) => `states:${action}`), resources }));
  };
  allow(machines, attachableMachines(scope, attachable));
  allow(
    onAliases,
    patterns.map((pattern) => arnOf(scope, "stateMachine", `${pattern}:*`)),
  );
  allow(
    onRuns("execution"),
    patterns.map((pattern) => arnOf(scope, "execution", `${pattern}:*`)),
  );
  if (attaches === true)
    statements.push(
      new PolicyStatement({
        actions: ["iam:SimulatePrincipalPolicy"],
        resources: [
          Stack.of(scope).formatArn({ service: "iam", region: "", resource: "role", resourceName: "*" }),
        ],
      }),
    );
  acknowledge(scope, {
    ...Object.fromEntries(
      patterns.flatMap((pattern) =>
        [`stateMachine:${pattern}`, `stateMachine:${pattern}:*`, `execution:${pattern}:*`].map((resource) => [
          `IAM5[Resource::${NAG_STATES}:${resource}]`,
          "The deployer lists the state machines that workspaces may attach, as patterns.",
        ]),
      ),
    ),
    ...(attaches === true && {
      "IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*]":
        "Attaching simulates the role's policies to find missing permissions. The simulation changes nothing.",
    }),
  });
  return statements;
};
