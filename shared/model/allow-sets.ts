/** The services whose optimized integrations form one set each, `arn:aws:states:::<service>:*`. */
export const SERVICE_SETS = [
  ...["dynamodb", "sns", "sqs", "events", "states", "ecs", "batch", "glue", "athena", "bedrock"],
  ...["sagemaker", "apigateway", "http"],
] as const;

/** The sets of the allow list, in addition to `aws-sdk:<service>`. */
export const ALLOW_SETS = [
  ...SERVICE_SETS,
  /** S3 through its SDK integration, since Step Functions has no other one. */
  "s3",
  /** Lambda functions whose names are computed at run time. */
  "lambda-any",
  "activity",
  /** Tasks with `Credentials` of their own. */
  "credentials",
  /** `ItemReader` and `ResultWriter` of a Distributed Map. */
  "readers",
  /** Everything except Sluice's own resources. */
  "*",
] as const;

const SDK_SET = /^aws-sdk:[a-z0-9]+$/;
const ARN = /^arn:/;

const names: ReadonlySet<string> = new Set(ALLOW_SETS);

/** Whether the name is that of a set. */
export const isAllowSet = (name: string): boolean => names.has(name) || SDK_SET.test(name);

/** Describes the entries of an allow list that are neither sets nor ARNs, and the valid ones; undefined if there are none. */
export const allowListProblem = (list: readonly string[]): string | undefined => {
  const unknown = list.filter((entry) => !isAllowSet(entry) && !ARN.test(entry));
  if (unknown.length === 0) return undefined;
  return `Unknown in the allow list: ${unknown.map((entry) => JSON.stringify(entry)).join(", ")}. Known are ARNs (arn:…, * stands for any text) and the sets ${ALLOW_SETS.join(", ")} and aws-sdk:<service>.`;
};
