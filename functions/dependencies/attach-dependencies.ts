import { IAMClient } from "@aws-sdk/client-iam";
import type { AttachDependencies as DomainDependencies } from "../../shared/domain/deps.ts";
import { iamMachineRoles } from "../../shared/outbound/iam-machine-roles.ts";
import { countingThrottles } from "../telemetry/throttles.ts";
import { createDependencies, type Dependencies } from "./dependencies.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { attachSettings } from "./settings.ts";

/** Dependencies of the function that attaches flows. The other functions start faster without the IAM client. */
export type AttachDependencies = Dependencies & DomainDependencies;

export const iamClient = (): IAMClient => countingThrottles(new IAMClient({}), "iamThrottles");

export const createAttachDependencies = (
  runtime: Runtime = lambdaRuntime(),
  client = iamClient(),
): AttachDependencies => withRoles(createDependencies(runtime), runtime, client);

/** Adds the dependencies that only attaching needs. */
export const withRoles = <Deps extends Dependencies>(
  deps: Deps,
  { environment }: Pick<Runtime, "environment">,
  client: IAMClient,
): Deps & AttachDependencies => ({
  ...deps,
  machineRoles: iamMachineRoles(client),
  attachSettings: () => attachSettings(environment),
});
