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

/** The parts of the ARN of a machine, of a version or of an alias. */
interface MachineArn {
  readonly arn: string;
  readonly version: number | undefined;
  readonly alias?: string;
}

/** Splits the ARN of a machine, of a version or of an alias. */
export function parseMachineArn(arn: string): MachineArn {
  checkPrefix(arn);
  const parts = arn.split(":");
  if (parts[5] !== "stateMachine" || !parts[6]) throw invalidArn(`Invalid State Machine Arn: '${arn}'`);
  const base = parts.slice(0, 7).join(":");
  if (parts.length === 7) return { arn: base, version: undefined };
  const [last = ""] = parts.slice(7);
  return /^\d+$/.test(last)
    ? { arn: base, version: Number(last) }
    : { arn: base, version: undefined, alias: last };
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
