import type { AliasRoute } from "../../model/machines/alias-route.ts";
import type { Attachment, MovedAlias } from "../../store/flows/flow-item.ts";
import type { TeamMachineDependencies } from "../deps.ts";

export const aliasArn = (machineArn: string, name: string): string => `${machineArn}:${name}`;

/** Whether the alias no longer exists, or points to anything but one version with gates. */
export const isRoutedByTeam = (
  { to }: Pick<MovedAlias, "to">,
  routes: readonly AliasRoute[] | undefined,
): boolean => {
  const [only, ...others] = routes ?? [];
  return only === undefined || others.length > 0 || !to.includes(only.versionArn);
};

/** Whether somebody else has since moved an alias that Sluice had moved. Aliases that were left to their owner do not count. */
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
