import { LambdaClient } from "@aws-sdk/client-lambda";
import { lambdaEndWaits } from "../../shared/outbound/lambda-end-waits.ts";
import type { EndWaits } from "../../shared/outbound/ports.ts";
import { createDependencies, type Dependencies } from "./dependencies.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { setting } from "./settings.ts";

/** Dependencies of the function that dispatches records. The other functions start faster without the Lambda client. */
export type DispatchFunctionDependencies = Dependencies & { readonly endWaits: EndWaits };

/** A call that finds no capacity is answered at once, so none is repeated. */
export const lambdaClient = (): LambdaClient => new LambdaClient({ maxAttempts: 1 });

export const createDispatchDependencies = (
  runtime: Runtime = lambdaRuntime(),
  client = lambdaClient(),
): DispatchFunctionDependencies => withEndWaits(createDependencies(runtime), runtime, client);

/** Adds the dependencies that only a dispatch needs. */
export const withEndWaits = <Deps extends Dependencies>(
  deps: Deps,
  { environment }: Pick<Runtime, "environment">,
  client: LambdaClient,
): Deps & DispatchFunctionDependencies => ({
  ...deps,
  endWaits: lambdaEndWaits(client, () => setting(environment, "waitArn")),
});
