import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { EndWaits } from "./ports.ts";

/** Waits for ends of runs in a Lambda function of its own, whose concurrency limits how many callers wait. */
export const lambdaEndWaits = (client: LambdaClient, functionArn: () => string): EndWaits => ({
  async forEnd({ workspace, runId }, seconds) {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({
        FunctionName: functionArn(),
        Payload: JSON.stringify({ workspace, runId, seconds }),
      }),
    );
    if (FunctionError !== undefined || Payload === undefined) throw new Error("The wait for the run failed");
    return JSON.parse(Buffer.from(Payload).toString("utf8")).run;
  },
});
