import { Stage } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { type Parameters, readParameters } from "./parameters.ts";

/** A partition of AWS other than `aws`, recognized by the prefix of its regions, and why Sluice cannot be deployed there. */
interface Partition {
  readonly regions: RegExp;
  readonly name: string;
  readonly problem: (parameters: Parameters) => string | undefined;
}

const withoutCloudFrontAndPool = ({ console, consoleClientId, issuer }: Parameters): string | undefined => {
  if (issuer === undefined)
    return "The user pool's sign-in pages have other addresses there, or do not exist. Set your own issuer and audience.";
  return console && consoleClientId !== undefined
    ? "CloudFront, which serves the console, is not part of it, or requires a license. Set console to false."
    : undefined;
};

const PARTITIONS: readonly Partition[] = [
  { regions: /^us-gov-/, name: "AWS GovCloud", problem: withoutCloudFrontAndPool },
  { regions: /^cn-/, name: "AWS in China", problem: withoutCloudFrontAndPool },
  { regions: /^eusc-/, name: "the AWS European Sovereign Cloud", problem: withoutCloudFrontAndPool },
  {
    regions: /-iso[a-z]?-/,
    name: "an isolated partition of AWS",
    problem: () => "Services that Sluice needs are missing there: HTTP APIs and EventBridge Scheduler.",
  },
];

/**
 * Refuses a deployment to a partition that lacks a service which the parameters require. Without credentials, the region is
 * unknown and nothing is refused; the templates then use the partition, region and account of their deployment.
 */
export const refuseUnsupportedRegions = (scope: Construct, environment = process.env): void => {
  const { CDK_DEFAULT_REGION = "" } = environment;
  const { region = CDK_DEFAULT_REGION } = Stage.of(scope) ?? {};
  const parameters = readParameters(scope);
  for (const { regions, name, problem } of PARTITIONS) {
    const reason = regions.test(region) ? problem(parameters) : undefined;
    if (reason !== undefined)
      throw new Error(`Sluice cannot be deployed to ${region}, ${name}, like this. ${reason}`);
  }
};
