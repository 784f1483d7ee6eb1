import { noMachine } from "../model/errors.ts";
import type { Machine, Version } from "../store/machines.ts";
import type { Api } from "./api.ts";
import { parseMachineArn } from "./arns.ts";

/** The machine that an ARN names. */
export function machineAt(api: Api, arn: string): Machine {
  const machine = api.stores.machines.get(parseMachineArn(arn).arn);
  if (!machine) throw noMachine(arn);
  return machine;
}

/** Returns the machine of an ARN. If the ARN names a version or an alias, also returns that version, or one of the alias. */
export function runnableAt(
  api: Api,
  arn: string,
): { readonly machine: Machine; readonly version: Version | undefined } {
  const machine = machineAt(api, arn);
  const { version: given, alias } = parseMachineArn(arn);
  const number = alias === undefined ? given : versionOf(api, machine, alias);
  if (number === undefined) return { machine, version: undefined };
  const version = api.stores.machines.version(machine.arn, number);
  if (!version) throw noMachine(arn);
  return { machine, version };
}

/** Picks a version of the alias by weight; -1 if the alias does not exist. */
function versionOf(api: Api, machine: Machine, name: string): number {
  const { routes = [] } = api.stores.aliases.get(machine.arn, name) ?? {};
  const [first, second] = routes;
  const isFirst = second === undefined || Math.random() * 100 < (first?.weight ?? 0);
  return (isFirst ? first : second)?.version ?? -1;
}
