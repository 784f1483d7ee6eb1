import { type FunctionConfiguration, GetFunctionCommand } from "@aws-sdk/client-lambda";
import { functions } from "../../../infra/functions.ts";
import { absentOn } from "../aws.ts";
import { type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, warning } from "../finding.ts";

export type FunctionKey = keyof typeof functions;

/** Returns the configuration of a function; undefined if it does not exist. */
export const configurationOf = async (
  deployment: Deployment,
  key: FunctionKey,
): Promise<FunctionConfiguration | undefined> => {
  const FunctionName = nameIn(deployment, functions[key].name);
  const found = await deployment.aws.lambda
    .send(new GetFunctionCommand({ FunctionName }))
    .catch(absentOn("ResourceNotFoundException"));
  return found?.Configuration;
};

export const FUNCTION_KEYS = Object.keys(functions) as FunctionKey[];

/** Whether every function exists and its last update has succeeded. */
export const checkFunctions = async (deployment: Deployment): Promise<Found[]> => {
  const found: Found[] = [];
  for (const key of FUNCTION_KEYS) {
    const { name } = functions[key];
    const configuration = await configurationOf(deployment, key);
    if (configuration === undefined) {
      found.push(
        problem(`The function ${nameIn(deployment, name)} is missing`, "Deploy all stacks of one release"),
      );
      continue;
    }
    const { FunctionName, State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = configuration;
    if (LastUpdateStatus === "Failed" || State === "Failed")
      found.push(
        problem(
          `${FunctionName}: ${LastUpdateStatusReason ?? StateReason ?? "its update failed"}`,
          "Deploy again",
        ),
      );
    else if (LastUpdateStatus === "InProgress" || State === "Pending")
      found.push(
        warning(`${FunctionName} is still being updated`, "Wait a minute, then run the doctor again"),
      );
  }
  return found.length > 0 ? found : [ok(`All ${FUNCTION_KEYS.length} functions exist`)];
};
