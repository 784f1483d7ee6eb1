import type { BulkState } from "../model/machines/bulk-machine.ts";
import type { DrainState } from "../model/machines/drain-machine.ts";
import type { BulkJobs } from "./bulk-jobs.ts";
import type { Drains } from "./drains.ts";
import type { Executions } from "./executions.ts";

interface Loops<State, Name> {
  start(state: State): Promise<"started" | "exists">;
  isRunning(name: Name): Promise<boolean>;
}

/** Executions of one of Sluice's own machines, each named after what it works on. `machineArn`: of that machine. */
const sfnLoops = <Name, State extends Name>(
  executions: Executions,
  machineArn: () => string,
  nameOf: (of: Name) => string,
): Loops<State, Name> => ({
  async start(state) {
    const request = { machineArn: machineArn(), name: nameOf(state), input: JSON.stringify(state) };
    const outcome = await executions.start(request);
    if (outcome === "no-machine") throw new Error(`There is no machine ${request.machineArn}`);
    return outcome;
  },
  async isRunning(name) {
    const arn = `${machineArn().replace(":stateMachine:", ":execution:")}:${nameOf(name)}`;
    return (await executions.describe(arn))?.status === "RUNNING";
  },
});

export const sfnDrains = (executions: Executions, machineArn: () => string): Drains =>
  sfnLoops<Pick<DrainState, "incarnation" | "epoch" | "attempt">, DrainState>(
    executions,
    machineArn,
    ({ incarnation, epoch, attempt }) => `${incarnation}-${epoch}-${attempt}`,
  );

export const sfnBulkJobs = (executions: Executions, machineArn: () => string): BulkJobs =>
  sfnLoops<Pick<BulkState, "bulkId" | "attempt">, BulkState>(
    executions,
    machineArn,
    ({ bulkId, attempt }) => `${bulkId}-${attempt}`,
  );
