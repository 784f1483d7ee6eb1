import type { AliasRoute } from "../../model/machines/alias-route.ts";
import type { Attachment, MovedAlias } from "../../store/flows/flow-item.ts";
import type { TeamMachineDependencies } from "../deps.ts";

export const aliasArn = (machineArn: string, name: string): string => `${machineArn}:${name}`;

/** Whether the alias no longer leads to a version with gates, and to nothing else, or no longer exists. */
export const isRoutedByTeam = (
  { to }: Pick<MovedAlias, "to">,
  routes: readonly AliasRoute[] | undefined,
): boolean => {
  const [only, ...others] = routes ?? [];
  return only === undefined || others.length > 0 || !to.includes(only.versionArn);
};

/** Whether an alias that Sluice has moved was moved by somebody else since. Aliases that were left to their owner do not count. */
export const haveAliasesDrifted = async (
  deps: TeamMachineDependencies,
  { machineArn, aliases = [] }: Attachment,
): Promise<boolean> => {
  for (const alias of aliases)
    if (
      alias.left !== true &&
      isRoutedByTeam(alias, await deps.teamMachines.routes(aliasArn(machineArn, alias.name)))
    )
      return true;
  return false;
};
