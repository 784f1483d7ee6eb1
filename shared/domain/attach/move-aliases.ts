import { contentHash } from "../../model/ids.ts";
import type { AliasRoute } from "../../model/machines/alias-route.ts";
import type { Attachment, FlowItem, MovedAlias } from "../../store/flows/flow-item.ts";
import { type DetachDependencies, logFields, type TeamMachineDependencies } from "../deps.ts";
import { aliasArn, isRoutedByTeam } from "../flows/alias-routes.ts";
import { parseDefinition } from "../flows/drift.ts";
import { attachRefused } from "../refusals.ts";

/** An alias of the machine, and what attaching does with it. */
export interface AliasPlan {
  /** Its record. Its newest version with gates is added when that is published. */
  readonly alias: MovedAlias;
  readonly moves: boolean;
  /** The record or the alias is not yet as it should be. */
  readonly isOpen: boolean;
}

interface Asked {
  readonly machineArn: string;
  readonly names: readonly string[];
  /** Records of the aliases that were moved earlier. */
  readonly moved: readonly MovedAlias[];
  /** Hash of the machine's definition without gates. */
  readonly original: string;
  /** The flow version whose gates are written. */
  readonly version: number;
}

/**
 * Plans the moves; reads only. The aliases that are asked for move, and so do those that were moved earlier, as long as only the gates
 * change: a new definition reaches an alias on request only. An alias that its owner has moved in the meantime stays. Throws
 * `attach_refused` for an alias that does not exist.
 */
export const planAliases = async (deps: TeamMachineDependencies, asked: Asked): Promise<AliasPlan[]> => {
  const names = new Set([...asked.names, ...asked.moved.map(({ name }) => name)]);
  const plans: AliasPlan[] = [];
  for (const name of names) plans.push(await planAlias(deps, asked, name));
  return plans;
};

const planAlias = async (
  deps: TeamMachineDependencies,
  { machineArn, names, moved, original, version }: Asked,
  name: string,
): Promise<AliasPlan> => {
  const routes = await deps.teamMachines.routes(aliasArn(machineArn, name));
  const isAsked = names.includes(name);
  if (isAsked && routes === undefined)
    throw attachRefused(`The state machine has no alias ${name}. Create it, or leave it out of \`aliases\`.`);
  const before = moved.find((one) => one.name === name);
  const { left, ...known } = before ?? { name, from: [], to: [], version, original };
  if (before === undefined || isRoutedByTeam(before, routes)) {
    if (!isAsked) return { alias: { ...known, left: true }, moves: false, isOpen: left !== true };
    const { renewed: _former, ...alias } = { ...known, from: routes ?? [], original };
    return { alias, moves: true, isOpen: true };
  }
  const isSame = known.original === original;
  if (!isSame && !isAsked) return { alias: known, moves: false, isOpen: left === true };
  const isThere = known.version === version && routes?.[0]?.versionArn === known.to[0];
  const alias = isSame ? known : { ...known, original, renewed: true };
  return { alias, moves: true, isOpen: !isThere || left === true };
};

/** An alias may still point to an earlier version with gates, or a slower call may move it there. */
const MAX_VERSIONS_KNOWN = 20;

/** Returns the records after a version with gates was published: the aliases that move will point to it. */
export const recordsOf = (
  plans: readonly AliasPlan[],
  published: string | undefined,
  version: number,
): MovedAlias[] =>
  plans.map(({ alias, moves, isOpen }) =>
    moves && isOpen && published !== undefined
      ? { ...alias, version, to: [...new Set([published, ...alias.to])].slice(0, MAX_VERSIONS_KNOWN) }
      : alias,
  );

/**
 * Points the aliases of a flow version to its gates. Returns false if an alias no longer exists, or if somebody else has moved one in
 * the meantime, which stays there. May be repeated.
 */
export const moveAliases = async (
  deps: TeamMachineDependencies,
  { machineArn, aliases = [] }: Pick<Attachment, "machineArn" | "aliases">,
  version: number,
): Promise<boolean> => {
  let isMoved = true;
  for (const alias of aliases) {
    const [versionArn] = alias.to;
    if (alias.version !== version || alias.left === true || versionArn === undefined) continue;
    const arn = aliasArn(machineArn, alias.name);
    const routes = await deps.teamMachines.routes(arn);
    if (isOnly(routes, versionArn)) continue;
    const isFree = isSameRouting(routes, alias.from) || !isRoutedByTeam(alias, routes);
    if (!isFree || !(await deps.teamMachines.moveAlias(arn, [{ versionArn, weight: 100 }]))) isMoved = false;
  }
  return isMoved;
};

/**
 * Points the aliases back to where they were, unless somebody else has moved them in the meantime. An alias whose definition was replaced
 * since never returns to the older one: it is pointed to the definition without gates, if the machine has that again. May be repeated.
 */
export const moveAliasesBack = async (
  deps: DetachDependencies,
  flow: FlowItem,
  { machineArn, aliases = [] }: Attachment,
): Promise<void> => {
  for (const alias of aliases) {
    const arn = aliasArn(machineArn, alias.name);
    if (isRoutedByTeam(alias, await deps.teamMachines.routes(arn))) continue;
    const from = alias.renewed === true ? await versionOfOriginal(deps, machineArn, alias) : alias.from;
    if (from === undefined || !(await deps.teamMachines.moveAlias(arn, from)))
      deps.log.warn(
        "Left an alias at the version with gates, because its version without gates does not exist",
        {
          ...logFields(flow),
          alias: alias.name,
        },
      );
  }
};

const versionOfOriginal = async (
  deps: TeamMachineDependencies,
  machineArn: string,
  { original }: MovedAlias,
): Promise<AliasRoute[] | undefined> => {
  const definition = parseDefinition((await deps.teamMachines.describe(machineArn))?.definition ?? "");
  if (definition === undefined || contentHash(definition) !== original) return undefined;
  return [{ versionArn: await deps.teamMachines.publish(machineArn), weight: 100 }];
};

const isOnly = (routes: readonly AliasRoute[] | undefined, versionArn: string): boolean =>
  routes?.length === 1 && routes[0]?.versionArn === versionArn;

/** Step Functions may list the versions in another order. */
const isSameRouting = (some: readonly AliasRoute[] | undefined, others: readonly AliasRoute[]): boolean => {
  const parts = (routes: readonly AliasRoute[] = []) =>
    routes.map(({ versionArn, weight }) => `${versionArn} ${weight}`).sort();
  return parts(some).join() === parts(others).join();
};
