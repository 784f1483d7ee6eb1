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

/** The machine that an ARN names, with the version if the ARN has a number. */
export function runnableAt(
  api: Api,
  arn: string,
): { readonly machine: Machine; readonly version: Version | undefined } {
  const machine = machineAt(api, arn);
  const { version: number } = parseMachineArn(arn);
  if (number === undefined) return { machine, version: undefined };
  const version = api.stores.machines.version(machine.arn, number);
  if (!version) throw noMachine(arn);
  return { machine, version };
}
