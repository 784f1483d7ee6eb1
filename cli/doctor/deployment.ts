import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import { functions } from "../../infra/functions.ts";
import type { Client } from "../../shared/client/operations.ts";
import { DEFAULT_INSTANCE, nameInInstance } from "../../shared/model/machines/machine-names.ts";
import { type AwsServices, absentOn } from "./aws.ts";

/** The deployment to examine: an instance of Sluice in an account and region, or on a local stack. */
export interface Deployment {
  readonly instance: string;
  readonly isLocal: boolean;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly aws: AwsServices;
  /** Sluice's API, if the command line is signed in to it. */
  readonly api: SignedIn | undefined;
}

export interface SignedIn {
  readonly url: string;
  readonly workspace: string;
  readonly client: Client;
}

/** Returns the name of something in the deployment's instance. */
export const nameIn = ({ instance }: Pick<Deployment, "instance">, name: string): string =>
  nameInInstance(instance, name);

export const arnIn = (
  { partition, region, account }: Pick<Deployment, "partition" | "region" | "account">,
  service: string,
  resource: string,
): string => `arn:${partition}:${service}:${region}:${account}:${resource}`;

const ARN = /^arn:([^:]+):lambda:([^:]+):([^:]+):function:/;

/**
 * Finds the partition, region and account by the ARN of the gate.
 * @throws Error if the gate is not there
 */
export const findDeployment = async (
  aws: AwsServices,
  { instance = DEFAULT_INSTANCE, ...known }: Pick<Deployment, "isLocal" | "api"> & { instance?: string },
): Promise<Deployment> => {
  const FunctionName = nameIn({ instance }, functions.gate.name);
  const gate = await aws.lambda
    .send(new GetFunctionCommand({ FunctionName }))
    .catch(absentOn("ResourceNotFoundException"));
  const [, partition, region, account] = ARN.exec(gate?.Configuration?.FunctionArn ?? "") ?? [];
  if (partition === undefined || region === undefined || account === undefined)
    throw new NoDeployment(FunctionName);
  return { ...known, instance, aws, partition, region, account };
};

/** There is no such instance in the account and region. */
export class NoDeployment extends Error {
  constructor(functionName: string) {
    super(
      `There is no function ${functionName} in this account and region. Deploy Sluice, or give its --region and --instance.`,
    );
    this.name = "NoDeployment";
  }
}
