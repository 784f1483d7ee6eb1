import { DescribeStackResourcesCommand } from "@aws-sdk/client-cloudformation";
import { GetDistributionCommand } from "@aws-sdk/client-cloudfront";
import { DescribeResourcePoliciesCommand } from "@aws-sdk/client-cloudwatch-logs";
import { absentOn } from "../aws.ts";
import { type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, unchecked, warning } from "../finding.ts";

/** Whether CloudFront serves the console. */
export const checkConsole = async (deployment: Deployment): Promise<Found[]> => {
  const { cloudfront, cloudformation } = deployment.aws;
  if (cloudfront === undefined || cloudformation === undefined)
    return [unchecked("the local stack has no CloudFront; it serves the console itself")];
  const StackName = nameIn(deployment, "sluice-console");
  const resources = await cloudformation
    .send(new DescribeStackResourcesCommand({ StackName }))
    .then(({ StackResources = [] }) => StackResources)
    .catch(absentOn("ValidationError"));
  const distribution = resources?.find(
    ({ ResourceType }) => ResourceType === "AWS::CloudFront::Distribution",
  );
  if (resources === undefined) return [ok("No console is deployed, so CloudFront is not needed")];
  const refused =
    "Ask AWS Support to verify the new account for CloudFront. Until then, delete the stack and deploy with -c console=false";
  if (distribution?.PhysicalResourceId === undefined)
    return [problem(`The stack ${StackName} has no distribution`, refused)];
  const Id = distribution.PhysicalResourceId;
  const { Distribution } = await cloudfront.send(new GetDistributionCommand({ Id }));
  if (Distribution?.DistributionConfig?.Enabled !== true)
    return [problem(`The distribution ${Id} is disabled`, "Enable it, or deploy sluice-console again")];
  return Distribution.Status === "Deployed"
    ? [ok(`CloudFront serves the console from ${Distribution.DomainName}`)]
    : [
        warning(
          `The distribution ${Id} is ${Distribution.Status}`,
          "Wait some minutes, then run the doctor again",
        ),
      ];
};

/** CloudWatch Logs allows ten resource policies in a region, each with this many characters. */
const MAX_POLICIES = 10;
const MAX_POLICY = 5_120;
const NEARLY = 4_600;

/**
 * Whether the region's resource policies for logs still have room. Sluice's own log groups need none, but Step Functions extends a policy
 * for each other log group. When a policy has reached its limit, no state machine with such a log can be created.
 */
export const checkLogPolicies = async ({ aws: { logs } }: Deployment): Promise<Found[]> => {
  if (logs === undefined) return [unchecked("the local stack has no CloudWatch Logs")];
  const { resourcePolicies = [] } = await logs.send(new DescribeResourcePoliciesCommand({ limit: 50 }));
  const shorten =
    "Remove the entries of deleted log groups, or use the prefix /aws/vendedlogs/ for log groups, which needs no entries";
  const found = resourcePolicies.flatMap(({ policyName, policyDocument = "" }): Found[] => {
    const size = policyDocument.length;
    if (size < NEARLY) return [];
    const what = `The resource policy ${policyName} for logs has ${size} of ${MAX_POLICY} characters`;
    return [size >= MAX_POLICY - 20 ? problem(what, shorten) : warning(what, shorten)];
  });
  if (resourcePolicies.length >= MAX_POLICIES)
    found.push(warning(`All ${MAX_POLICIES} resource policies for logs are in use`, "Merge or delete some"));
  return found.length > 0
    ? found
    : [ok(`The ${resourcePolicies.length} resource policies for logs have room`)];
};
