/** The local stack's account. */
const LOCAL_ACCOUNT = "000000000000";

/** Address of an execution in the AWS console; undefined for executions of the local stack. */
export const executionConsoleUrl = (executionArn: string | undefined): string | undefined => {
  const [, , , region, account] = executionArn?.split(":") ?? [];
  if (executionArn === undefined || region === undefined || account === LOCAL_ACCOUNT) return undefined;
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
};
