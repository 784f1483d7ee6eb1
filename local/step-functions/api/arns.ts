import { invalidArn } from "../model/errors.ts";

export interface Arns {
  machine(name: string): string;
  execution(machineArn: string, name: string): string;
  activity(name: string): string;
  /** The ARN of an execution of an EXPRESS machine; `id` makes it unique. */
  express(machineArn: string, name: string, id: string): string;
}

export const arnsOf = (region: string, account: string): Arns => ({
  machine: (name) => `arn:aws:states:${region}:${account}:stateMachine:${name}`,
  express: (machineArn, name, id) => `${machineArn.replace(":stateMachine:", ":express:")}:${name}:${id}`,
  activity: (name) => `arn:aws:states:${region}:${account}:activity:${name}`,
  execution: (machineArn, name) => `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`,
});

/** Splits the ARN of a machine or of a version. */
export function parseMachineArn(arn: string): { readonly arn: string; readonly version: number | undefined } {
  checkPrefix(arn);
  const parts = arn.split(":");
  if (parts[5] !== "stateMachine" || !parts[6]) throw invalidArn(`Invalid State Machine Arn: '${arn}'`);
  const base = parts.slice(0, 7).join(":");
  if (parts.length === 7) return { arn: base, version: undefined };
  const number = Number(parts[7]);
  // An alias. There are none locally, so it is looked up as a version that does not exist.
  return { arn: base, version: Number.isInteger(number) ? number : -1 };
}

export function checkExecutionArn(arn: string): string {
  checkPrefix(arn);
  const parts = arn.split(":");
  if (parts[5] !== "execution" || parts.length < 8)
    throw invalidArn(`Resource type not valid in this context: ${parts[5]}`);
  return arn;
}

function checkPrefix(arn: string): void {
  if (!/^arn:[\w-]+:states:/.test(arn)) throw invalidArn(`Invalid ARN prefix: ${arn}`);
}
