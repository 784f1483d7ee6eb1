import { functionArn } from "../aws/function-name.ts";

/** The part of a context that can be sent to another thread. */
export interface ContextData {
  readonly awsRequestId: string;
  readonly functionName: string;
  /** The version or alias through which the function was called. */
  readonly qualifier?: string | undefined;
  /** Real epoch milliseconds. */
  readonly deadline: number;
}

/** Lambda's context object for Node.js. */
export interface FunctionContext {
  readonly awsRequestId: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

export function functionContext({
  awsRequestId,
  functionName,
  qualifier,
  deadline,
}: ContextData): FunctionContext {
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `${functionArn(functionName)}${qualifier === undefined ? "" : `:${qualifier}`}`,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local/[$LATEST]",
    memoryLimitInMB: "1769",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
