import { conflict, noResource, validation } from "../model/errors.ts";
import type { Alias, Route } from "../store/aliases.ts";
import type { Machine } from "../store/machines.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import { parseMachineArn } from "./arns.ts";
import { machineAt } from "./lookup.ts";
import { checkName, type Parameters, readPageByName } from "./parameters.ts";

const aliasArn = ({ machine, name }: Pick<Alias, "machine" | "name">): string => `${machine}:${name}`;

/** Reads one or two versions of one machine, whose weights add up to 100. */
function routesOf(
  api: Api,
  parameters: Parameters,
): { readonly machine: Machine; readonly routes: readonly Route[] } {
  const list = parameters.raw("routingConfiguration");
  if (!Array.isArray(list) || list.length < 1 || list.length > 2)
    throw validation("The routing configuration must have one or two versions");
  const parsed = (list as readonly Record<string, unknown>[]).map((route) => ({
    ...parseMachineArn(String(route["stateMachineVersionArn"])),
    weight: Number(route["weight"]),
  }));
  const [first] = parsed;
  const machine = machineAt(api, first?.arn ?? "");
  const routes = parsed.map(({ arn, version = -1, weight }) => {
    if (arn !== machine.arn || api.stores.machines.version(arn, version) === undefined)
      throw validation("Each entry must be the ARN of a published version of the same state machine");
    return { version, weight };
  });
  if (routes.reduce((sum, { weight }) => sum + weight, 0) !== 100)
    throw validation("The weights must add up to 100");
  return { machine, routes };
}

const aliasAt = (api: Api, parameters: Parameters): Alias => {
  const arn = parameters.required("stateMachineAliasArn");
  const { arn: machine, alias } = parseMachineArn(arn);
  const found = alias === undefined ? undefined : api.stores.aliases.get(machine, alias);
  if (found === undefined) throw noResource(arn);
  return found;
};

export const createStateMachineAlias: Operation = (api, parameters) => {
  const name = checkName(parameters.required("name"));
  if (/^\d+$/.test(name)) throw validation("The name of an alias must not be a number");
  const description = parameters.optional("description", 256);
  const { machine, routes } = routesOf(api, parameters);
  const known = api.stores.aliases.get(machine.arn, name);
  const same = known?.description === description && JSON.stringify(known?.routes) === JSON.stringify(routes);
  if (known !== undefined && !same) throw conflict(`The alias exists already: '${aliasArn(known)}'`);
  const now = api.clock.now();
  const alias = known ?? { machine: machine.arn, name, description, routes, created: now, updated: now };
  if (known === undefined) api.stores.aliases.put(alias);
  return { stateMachineAliasArn: aliasArn(alias), creationDate: seconds(alias.created) };
};

export const updateStateMachineAlias: Operation = (api, parameters) => {
  const alias = aliasAt(api, parameters);
  const routes = parameters.has("routingConfiguration") ? routesOf(api, parameters).routes : alias.routes;
  const description = parameters.optional("description", 256) ?? alias.description;
  const updated = api.clock.now();
  api.stores.aliases.put({ ...alias, routes, description, updated });
  return { updateDate: seconds(updated) };
};

export const describeStateMachineAlias: Operation = (api, parameters) => {
  const alias = aliasAt(api, parameters);
  return {
    stateMachineAliasArn: aliasArn(alias),
    name: alias.name,
    ...(alias.description === undefined ? {} : { description: alias.description }),
    routingConfiguration: alias.routes.map(({ version, weight }) => ({
      stateMachineVersionArn: `${alias.machine}:${version}`,
      weight,
    })),
    creationDate: seconds(alias.created),
    updateDate: seconds(alias.updated),
  };
};

export const listStateMachineAliases: Operation = (api, parameters) => {
  const machine = machineAt(api, parameters.required("stateMachineArn"));
  const { entries, next } = readPageByName(parameters, "aliases", (after, limit) =>
    api.stores.aliases.list(machine.arn, after, limit),
  );
  const shown = entries.map((alias) => ({
    stateMachineAliasArn: aliasArn(alias),
    creationDate: seconds(alias.created),
  }));
  return { stateMachineAliases: shown, ...next };
};

export const deleteStateMachineAlias: Operation = (api, parameters) => {
  const { machine, name } = aliasAt(api, parameters);
  api.stores.aliases.delete(machine, name);
  return {};
};
