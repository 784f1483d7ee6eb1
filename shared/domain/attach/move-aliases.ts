import type { AliasRoute } from "../../model/machines/alias-route.ts";
import type { Attachment, FlowItem, MovedAlias } from "../../store/flows/flow-item.ts";
import { type DetachDependencies, logFields, type TeamMachineDependencies } from "../deps.ts";
import { attachRefused } from "../refusals.ts";

/** An alias that will lead to a version with gates. */
export type AliasToMove = Pick<MovedAlias, "name" | "from"> & {
  /** The flow version to whose gates it leads already, if it does. */
  readonly version?: number;
};

const aliasArn = (machineArn: string, name: string): string => `${machineArn}:${name}`;

const leadsTo = (routes: readonly AliasRoute[] | undefined, versionArn: string): boolean =>
  routes?.length === 1 && routes[0]?.versionArn === versionArn;

/**
 * Returns the aliases that are asked for, and those that were moved earlier and have stayed there since. Reads only. Throws
 * `attach_refused` for an alias that does not exist.
 */
export const aliasesToMove = async (
  deps: TeamMachineDependencies,
  machineArn: string,
  asked: readonly string[],
  moved: readonly MovedAlias[] = [],
): Promise<AliasToMove[]> => {
  const names = [...new Set([...asked, ...moved.map(({ name }) => name)])];
  const found: AliasToMove[] = [];
  for (const name of names) {
    const routes = await deps.teamMachines.routes(aliasArn(machineArn, name));
    const before = moved.find((one) => one.name === name);
    if (before !== undefined && leadsTo(routes, before.to))
      found.push({ name, from: before.from, version: before.version });
    else if (asked.includes(name)) {
      if (routes === undefined)
        throw attachRefused(
          `The state machine has no alias ${name}. Create it, or leave it out of \`aliases\`.`,
        );
      found.push({ name, from: routes });
    }
  }
  return found;
};

/** Lets the aliases lead to their version with gates. Returns false if one of them no longer exists. */
export const moveAliases = async (
  deps: TeamMachineDependencies,
  machineArn: string,
  aliases: readonly MovedAlias[],
): Promise<boolean> => {
  for (const { name, to } of aliases)
    if (!(await deps.teamMachines.moveAlias(aliasArn(machineArn, name), [{ versionArn: to, weight: 100 }])))
      return false;
  return true;
};

/** Lets the aliases lead where they led before, unless somebody else has moved them in the meantime. May be repeated. */
export const moveAliasesBack = async (
  deps: DetachDependencies,
  flow: FlowItem,
  { machineArn, aliases = [] }: Attachment,
): Promise<void> => {
  for (const { name, from, to } of aliases) {
    const arn = aliasArn(machineArn, name);
    if (!leadsTo(await deps.teamMachines.routes(arn), to)) continue;
    if (!(await deps.teamMachines.moveAlias(arn, from)))
      deps.log.warn("Left an alias at the version with gates, because its earlier version no longer exists", {
        ...logFields(flow),
        alias: name,
      });
  }
};
