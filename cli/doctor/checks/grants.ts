import { SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { type FunctionDefinition, functions } from "../../../infra/functions.ts";
import { itemActions, statesActionsOn } from "../../../infra/grant-actions.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../../shared/model/machines/loop-machine.ts";
import { arnIn, type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, unchecked } from "../finding.ts";
import { configurationOf, FUNCTION_KEYS } from "./functions.ts";
import { flowMachines } from "./machines.ts";

/** Actions that a role must have on a resource. */
interface Grant {
  readonly actions: readonly string[];
  readonly resource: string;
}

/** Whether IAM allows the calls that Sluice's functions and flows make, including boundaries and organization policies. */
export const checkGrants = async (deployment: Deployment): Promise<Found[]> => [
  ...(await ofFunctions(deployment)),
  ...(await ofFlows(deployment)),
];

/** Returns the grants of a function, each on one resource that stands for all of its kind. */
const grantsOf = (deployment: Deployment, definition: FunctionDefinition): Grant[] => {
  const named = (name: string) => nameIn(deployment, name);
  const states = (resource: string) => arnIn(deployment, "states", resource);
  const loop = (machine: string, actions: readonly string[] = []): Grant[] => [
    {
      actions: actions.filter((action) => action === "StartExecution").map((action) => `states:${action}`),
      resource: states(`stateMachine:${named(machine)}`),
    },
    {
      actions: actions.filter((action) => action === "DescribeExecution").map((action) => `states:${action}`),
      resource: states(`execution:${named(machine)}:doctor`),
    },
  ];
  const flow = named("sluice-doctor-aaaaaaaaaaaaaaaa");
  const grants: Grant[] = [
    {
      actions: itemActions(definition).map((action) => `dynamodb:${action}`),
      resource: arnIn(deployment, "dynamodb", `table/${named("sluice")}`),
    },
    { actions: statesActionsOn("machine", definition.states), resource: states(`stateMachine:${flow}`) },
    {
      actions: statesActionsOn("execution", definition.states),
      resource: states(`execution:${flow}:doctor`),
    },
    {
      actions: statesActionsOn("mapRun", definition.states),
      resource: states(`mapRun:${flow}/doctor:doctor`),
    },
    { actions: statesActionsOn("any", definition.states), resource: "*" },
    ...loop(DRAIN_MACHINE, definition.drain),
    ...loop(BULK_MACHINE, definition.bulk),
    {
      actions: (definition.schedules ?? []).map((action) => `scheduler:${action}`),
      resource: arnIn(deployment, "scheduler", `schedule/${named("sluice")}/doctor`),
    },
    {
      actions: definition.events === true ? ["events:PutEvents"] : [],
      resource: arnIn(deployment, "events", "event-bus/default"),
    },
  ];
  return grants.filter(({ actions }) => actions.length > 0);
};

const ofFunctions = async (deployment: Deployment): Promise<Found[]> => {
  const found: Found[] = [];
  let asked = 0;
  for (const key of FUNCTION_KEYS) {
    const configuration = await configurationOf(deployment, key);
    const role = configuration?.Role;
    if (role === undefined) continue;
    for (const grant of grantsOf(deployment, functions[key])) {
      asked += grant.actions.length;
      found.push(...(await denials(deployment, role, grant, nameIn(deployment, functions[key].name))));
    }
  }
  if (asked === 0) return [unchecked("the local stack's own functions have no roles")];
  return found.length > 0 ? found : [ok(`IAM allows all ${asked} actions of the functions' roles`)];
};

/** The functions that the texts of flows call, with the role of their state machine. */
const CALLED_BY_FLOWS = ["gate", "park", "humanStep", "handOver"] as const;

const ofFlows = async (deployment: Deployment): Promise<Found[]> => {
  const machines = await flowMachines(deployment);
  const roles = new Map(machines.map(({ roleArn, workspace }) => [roleArn, workspace]));
  const found: Found[] = [];
  for (const [role, workspace] of roles)
    for (const key of CALLED_BY_FLOWS) {
      const resource = arnIn(deployment, "lambda", `function:${nameIn(deployment, functions[key].name)}`);
      const grant = { actions: ["lambda:InvokeFunction"], resource };
      found.push(...(await denials(deployment, role, grant, `flows of the workspace ${workspace}`)));
    }
  if (found.length > 0) return found;
  return [
    roles.size === 0
      ? unchecked("the roles of flows, because there are no flows yet")
      : ok(`The roles of flows may call Sluice's functions (${roles.size})`),
  ];
};

const denials = async (
  { aws }: Deployment,
  role: string,
  { actions, resource }: Grant,
  who: string,
): Promise<Found[]> => {
  const { EvaluationResults = [] } = await aws.iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: role,
      ActionNames: [...actions],
      ResourceArns: [resource],
    }),
  );
  const denied = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== "allowed");
  if (denied.length === 0) return [];
  const names = denied.map(({ EvalActionName }) => EvalActionName).join(", ");
  const byOthers = denied.some(
    ({ OrganizationsDecisionDetail: organization, PermissionsBoundaryDecisionDetail: boundary }) =>
      organization?.AllowedByOrganizations === false || boundary?.AllowedByPermissionsBoundary === false,
  );
  return [
    problem(
      `The role of ${who} may not ${names} on ${resource}`,
      byOthers
        ? "Allow it in the permissions boundary or in the organization's service control policy"
        : "Deploy again, and find out who changed the role's policies",
    ),
  ];
};
