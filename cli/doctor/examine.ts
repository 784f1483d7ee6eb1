import { ApiError } from "../../shared/client/api-error.ts";
import { accessDenied, errorName, unknownOperation, withoutCredentials } from "./aws.ts";
import { checkConsole, checkLogPolicies } from "./checks/account.ts";
import { checkFunctions } from "./checks/functions.ts";
import { checkGrants } from "./checks/grants.ts";
import {
  checkFlowMachines,
  checkGoldenTexts,
  checkLoops,
  type GoldenTexts,
  readGoldenTexts,
} from "./checks/machines.ts";
import { checkOwnRun, type OwnRunLimits } from "./checks/own-run.ts";
import { checkQuotas } from "./checks/quotas.ts";
import { checkSchedules } from "./checks/schedules.ts";
import { checkApi, checkDrift } from "./checks/service.ts";
import { checkStacks } from "./checks/stacks.ts";
import { checkTable } from "./checks/table.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, type Found, problem, unchecked } from "./finding.ts";

type Check = (deployment: Deployment) => Promise<Found[]>;

interface Examination {
  /** False leaves out the test run. */
  readonly run: boolean;
  /** Only the checks with these names; by default all. */
  readonly only?: readonly string[];
  readonly goldenTexts?: () => GoldenTexts;
  readonly ownRun?: OwnRunLimits;
}

const checksOf = ({ goldenTexts = readGoldenTexts, ownRun, run }: Examination) => {
  const checks: Readonly<Record<string, Check>> = {
    stacks: checkStacks,
    table: checkTable,
    functions: checkFunctions,
    loops: checkLoops,
    schedules: checkSchedules,
    definitions: checkGoldenTexts(goldenTexts),
    flows: checkFlowMachines,
    drift: checkDrift,
    grants: checkGrants,
    quotas: checkQuotas,
    console: checkConsole,
    logs: checkLogPolicies,
    api: checkApi,
    ...(run ? { run: checkOwnRun(ownRun) } : {}),
  };
  return checks;
};

/** The names of all checks, in their order. */
export const CHECKS: readonly string[] = Object.keys(checksOf({ run: true }));

/** Runs the checks one after another. A check that fails is a finding and does not end the others. */
export async function* examine(deployment: Deployment, examination: Examination): AsyncGenerator<Finding> {
  for (const [check, act] of Object.entries(checksOf(examination))) {
    if (examination.only !== undefined && !examination.only.includes(check)) continue;
    const found = await act(deployment).catch((error: unknown) => [failed(deployment, error)]);
    for (const finding of found) yield { check, ...inInstance(deployment, finding) };
  }
}

/** Puts the instance into the names of stacks and functions in the advice, which the checks write as those of the instance `sluice`. */
const inInstance = ({ instance }: Deployment, { todo, ...finding }: Found): Found =>
  todo === undefined
    ? finding
    : { ...finding, todo: todo.replaceAll(/(?<![\w-])sluice-(?=[a-z])/g, `${instance}-`) };

const failed = ({ isLocal }: Deployment, error: unknown): Found => {
  if (withoutCredentials(error)) throw error;
  if (isLocal && unknownOperation(error)) return unchecked("the local stack has no such operation");
  const message = error instanceof Error ? error.message : String(error);
  if (accessDenied(error))
    return unchecked(`your AWS credentials lack a permission. ${message}`, "Use the deployer's credentials");
  if (error instanceof ApiError && error.status === 403)
    return unchecked(`your role in the workspace does not allow it. ${message}`, "Sign in as an admin");
  return problem(`${errorName(error)}: ${message}`, "Fix what the message names, then run the doctor again");
};
