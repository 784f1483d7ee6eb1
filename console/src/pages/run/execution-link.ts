/** Address of an execution in the AWS console; none for those of the local stack. */
export const executionConsoleUrl = (executionArn: string | undefined): string | undefined => {
  const region = executionArn?.split(":")[3];
  if (executionArn === undefined || region === undefined || region === "local") return undefined;
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
};
