import type { Role } from "aws-cdk-lib/aws-iam";
import { acknowledge } from "../acknowledge.ts";
import { named } from "../names.ts";
import { allowing } from "../policy-statements.ts";
import type { Grants } from "./grants.ts";
import { GRANTED_SETS, type Grant, MACHINE_SETS } from "./sets.ts";

const grantsOfSet = (set: string, value: Grants[string]): readonly Grant[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value))
    return Object.entries(value).map(([action, resources]) => ({ actions: [action], resources }));
  return value.flatMap((arn: string) => {
    const kinds = GRANTED_SETS[set]?.filter(({ resource }) => resource.test(arn)) ?? [];
    if (kinds.length === 0) throw new Error(`The set ${set} does not take ${arn}`);
    return kinds.flatMap(({ grants }) => grants(arn));
  });
};

const grantsOf = (allow: Grants, belongs: (set: string) => boolean): readonly Grant[] =>
  Object.entries(allow)
    .filter(([set]) => belongs(set))
    .flatMap(([set, value]) => grantsOfSet(set, value));

/** The grants of a workspace's task role. */
export const taskGrants = (allow: Grants): readonly Grant[] =>
  grantsOf(allow, (set) => !MACHINE_SETS.has(set));

/** The grants of the role of a workspace's machines. */
export const machineGrants = (allow: Grants): readonly Grant[] =>
  grantsOf(allow, (set) => MACHINE_SETS.has(set));

/** Adds the statements, and acknowledges each wildcard with its reason. */
export const addGrants = (role: Role, grants: readonly Grant[]): void => {
  for (const { actions, resources: written, passedTo, reason } of grants) {
    // Only Sluice's own machines have such a pattern; in another instance, they have another name.
    const resources = written.map((arn) =>
      arn.replace(/:stateMachine:sluice-\*$/, `:stateMachine:${named(role, "sluice-")}*`),
    );
    const conditions = passedTo === undefined ? {} : { StringEquals: { "iam:PassedToService": passedTo } };
    role.addToPolicy(allowing(actions, resources, conditions));
    for (const resource of resources.filter((arn) => arn.includes("*")))
      acknowledge(role, {
        [`IAM5[Resource::${resource}]`]:
          reason ?? "The deployer named these resources of the workspace with a wildcard.",
      });
  }
};
