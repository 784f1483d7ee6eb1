import type { BulkJobs, Drains, Executions, Loops } from "./ports.ts";

const sfnLoops = <Name, State extends Name>(
  executions: Executions,
  machineArn: () => string,
  nameOf: (of: Name) => string,
): Loops<State, Name> => ({
  async start(state) {
    const request = { machineArn: machineArn(), name: nameOf(state), input: JSON.stringify(state) };
    const outcome = await executions.start(request);
    if (outcome === "no-machine" || outcome === "deleting")
      throw new Error(`State machine ${request.machineArn} does not exist`);
    return outcome;
  },
  async isRunning(name) {
    const arn = `${machineArn().replace(":stateMachine:", ":execution:")}:${nameOf(name)}`;
    return (await executions.describe(arn))?.status === "RUNNING";
  },
});

export const sfnDrains = (executions: Executions, machineArn: () => string): Drains =>
  sfnLoops(executions, machineArn, ({ incarnation, epoch, attempt }) => `${incarnation}-${epoch}-${attempt}`);

export const sfnBulkJobs = (executions: Executions, machineArn: () => string): BulkJobs =>
  sfnLoops(executions, machineArn, ({ bulkId, attempt }) => `${bulkId}-${attempt}`);
