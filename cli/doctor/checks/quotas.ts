import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { paginateListServiceQuotas } from "@aws-sdk/client-service-quotas";
import { unknownOperation } from "../aws.ts";
import type { Deployment } from "../deployment.ts";
import { type Found, ok, problem, unchecked, warning } from "../finding.ts";

/** A new account may have 10. A gate, its park and a step of one run can run at the same time. */
const TOO_FEW = 50;
const DEFAULT_CONCURRENCY = 1_000;

/** Lambda's concurrency in the region, and the rates of Step Functions that Sluice depends on. */
export const checkQuotas = async (deployment: Deployment): Promise<Found[]> => [
  await concurrency(deployment),
  ...(await rates(deployment)),
];

const concurrency = async ({ aws }: Deployment): Promise<Found> => {
  const settings = await aws.lambda.send(new GetAccountSettingsCommand({})).catch((error: unknown) => {
    if (unknownOperation(error)) return undefined;
    throw error;
  });
  if (settings === undefined) return unchecked("the local stack has no quotas of Lambda");
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: free = all } =
    settings.AccountLimit ?? {};
  const raise = "Request 1,000 concurrent executions for Lambda in Service Quotas";
  if (free < TOO_FEW)
    return problem(
      `Lambda runs ${all} functions at a time, ${free} of them unreserved: gates will wait`,
      raise,
    );
  return all < DEFAULT_CONCURRENCY
    ? warning(`Lambda runs ${all} functions at a time`, raise)
    : ok(`Lambda runs ${all} functions at a time, ${free} of them unreserved`);
};

interface Rate {
  /** As Service Quotas names it. */
  readonly name: string;
  readonly what: string;
  /** The smallest default of all regions. A lower quota is that of a new account. */
  readonly usual: number;
  /** With less, a single flow of moderate load stalls. */
  readonly least: number;
}

const perSecond = (of: string): string => `${of} throttle token refill rate per second`;
const RATES: readonly Rate[] = [
  { name: perSecond("StartExecution"), what: "starts of executions a second", usual: 150, least: 10 },
  { name: perSecond("StateTransition"), what: "state transitions a second", usual: 800, least: 50 },
  { name: perSecond("GetExecutionHistory"), what: "reads of histories a second", usual: 5, least: 1 },
];

const rates = async ({ aws: { quotas } }: Deployment): Promise<Found[]> => {
  if (quotas === undefined) return [unchecked("the local stack has no Service Quotas")];
  const values = new Map<string, number>();
  const pages = paginateListServiceQuotas({ client: quotas }, { ServiceCode: "states" });
  for await (const { Quotas = [] } of pages)
    for (const { QuotaName = "", Value } of Quotas)
      if (Value !== undefined) values.set(QuotaName.toLowerCase(), Value);
  return RATES.map((rate) => judged(rate, values.get(rate.name.toLowerCase())));
};

const judged = ({ name, what, usual, least }: Rate, value: number | undefined): Found => {
  if (value === undefined) return unchecked(`Service Quotas lists no "${name}" here`);
  const raise = `Raise "${name}" of Step Functions in Service Quotas, see docs/deploy/scaling.md`;
  if (value < least) return problem(`Step Functions allows ${value} ${what}`, raise);
  return value < usual
    ? warning(`Step Functions allows ${value} ${what}`, raise)
    : ok(`Step Functions allows ${value} ${what}`);
};
