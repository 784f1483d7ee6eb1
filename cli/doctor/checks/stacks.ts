import { paginateDescribeStacks } from "@aws-sdk/client-cloudformation";
import { type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, unchecked } from "../finding.ts";

const REQUIRED = ["sluice-data", "sluice-workflow", "sluice-schedule", "sluice-api", "sluice-alarms"];

/** Whether the last deployment of each stack has succeeded. */
export const checkStacks = async (deployment: Deployment): Promise<Found[]> => {
  const { cloudformation } = deployment.aws;
  if (cloudformation === undefined) return [unchecked("the local stack has no CloudFormation")];
  const statuses = new Map<string, string>();
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudformation }, {}))
    for (const { StackName = "", StackStatus = "" } of Stacks) statuses.set(StackName, StackStatus);
  const own = [...statuses].filter(([name]) => name.startsWith(`${deployment.instance}-`));
  const missing = REQUIRED.map((name) => nameIn(deployment, name)).filter((name) => !statuses.has(name));
  const broken = own.filter(([, status]) => !/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status));
  const found = [
    ...missing.map((name) =>
      problem(`The stack ${name} is missing`, "Deploy all stacks: npx cdk deploy --all"),
    ),
    ...broken.map(([name, status]) =>
      problem(
        `The stack ${name} is ${status}`,
        "Read the stack's events in CloudFormation, fix the cause, and deploy again",
      ),
    ),
  ];
  return found.length > 0 ? found : [ok(`${own.length} stacks are complete`)];
};
