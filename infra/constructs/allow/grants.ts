import * as z from "zod";
import { ALLOW_SETS, isAllowSet } from "../../../shared/model/allow-sets.ts";
import { GRANTED_SETS } from "./sets.ts";

/**
 * The resources that a workspace's roles may use: ARNs by set. An `aws-sdk` set lists them by IAM action, because Sluice cannot
 * know the actions of all services: `{"aws-sdk:ses": {"ses:SendEmail": ["arn:…"]}}`.
 */
export interface Grants {
  readonly [set: string]: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
}

/** Sets that need no permission. */
const WITHOUT_PERMISSION: Readonly<Record<string, string>> = {
  "*": "name the single sets",
  activity: "an activity needs no permission of the flow's, only its worker does",
};

const OWN_ROLE = /:role\/(?:[^/]+\/)*sluice-/;
const ARN = /^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/;
const ACTION = /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/;

/** Returns the problem of one ARN in a set, or undefined. */
const arnProblem = (set: string, arn: unknown): string | undefined => {
  if (typeof arn !== "string" || !ARN.test(arn)) return `${JSON.stringify(arn)} is not an ARN`;
  if (OWN_ROLE.test(arn)) return `${arn}: a flow cannot use Sluice's own roles`;
  if (/^arn:[^:]+:iam:.*\*/.test(arn)) return `${arn}: roles cannot have wildcards`;
  const known = GRANTED_SETS[set];
  if (known === undefined || known.some(({ resource }) => resource.test(arn))) return undefined;
  return `${arn} is not one of: ${known.map(({ what }) => what).join(", ")}`;
};

/** Some actions support no resources and need `*`. Roles must always be named. */
const sdkProblem = (set: string, action: string, arn: unknown): string | undefined => {
  if (arn !== "*") return arnProblem(set, arn);
  return /^(sts|iam):/.test(action) ? `${action}: roles cannot have wildcards` : undefined;
};

const setProblem = (set: string, value: unknown): string | undefined => {
  if (!isAllowSet(set)) return `Unknown set. Known are ${ALLOW_SETS.join(", ")} and aws-sdk:<service>`;
  const unneeded = WITHOUT_PERMISSION[set];
  if (unneeded !== undefined) return `Takes no ARNs: ${unneeded}. Open the set in allowedResources`;
  if (!set.startsWith("aws-sdk:")) {
    if (!Array.isArray(value)) return "Must be a list of ARNs";
    return value.map((arn) => arnProblem(set, arn)).find((problem) => problem !== undefined);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return 'Must have the ARNs by IAM action, as in {"ses:SendEmail": ["arn:…"]}';
  for (const [action, arns] of Object.entries(value)) {
    if (!ACTION.test(action)) return `${action} is not an IAM action such as ses:SendEmail`;
    if (!Array.isArray(arns)) return `${action} must have a list of ARNs`;
    const problem = arns.map((arn) => sdkProblem(set, action, arn)).find((found) => found !== undefined);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** The sets of one workspace. */
export const grantsSchema = z.custom<Grants>().superRefine((given: unknown, context) => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    context.addIssue({ code: "custom", message: "Must be an object: ARNs by set" });
    return;
  }
  for (const [set, value] of Object.entries(given)) {
    const message = setProblem(set, value);
    if (message !== undefined) context.addIssue({ code: "custom", message, path: [set] });
  }
});
