import type { DrainState } from "../model/drain-machine.ts";
import type { Drains } from "./drains.ts";
import type { Executions } from "./executions.ts";

const nameOf = (drain: Pick<DrainState, "incarnation" | "epoch" | "attempt">): string =>
  `${drain.incarnation}-${drain.epoch}-${drain.attempt}`;

/** `machineArn`: of the drain machine. */
export const sfnDrains = (executions: Executions, machineArn: () => string): Drains => ({
  async start(state) {
    const request = { machineArn: machineArn(), name: nameOf(state), input: JSON.stringify(state) };
    const outcome = await executions.start(request);
    if (outcome === "no-machine") throw new Error(`There is no drain machine ${request.machineArn}`);
    return outcome;
  },
  async isRunning(drain) {
    const arn = `${machineArn().replace(":stateMachine:", ":execution:")}:${nameOf(drain)}`;
    return (await executions.describe(arn))?.status === "RUNNING";
  },
});
