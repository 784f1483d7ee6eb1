import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { cloudWatchFunctionLogs } from "../../shared/outbound/cloudwatch-function-logs.ts";
import type { FunctionLogs } from "../../shared/outbound/ports.ts";
import { createDependencies, type Dependencies } from "./dependencies.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { stepLogPatterns } from "./settings.ts";

/** Dependencies of the function that answers reads. The other functions start faster without the client of CloudWatch Logs. */
export type ReadDependencies = Dependencies & { readonly functionLogs: FunctionLogs };

/** A reader can ask again, so a throttled call is repeated only once. */
const logsClient = (): CloudWatchLogsClient => new CloudWatchLogsClient({ maxAttempts: 2 });

export const createReadDependencies = (
  runtime: Runtime = lambdaRuntime(),
  client = logsClient(),
): ReadDependencies => ({
  ...createDependencies(runtime),
  functionLogs: cloudWatchFunctionLogs(client, stepLogPatterns(runtime.environment)),
});
