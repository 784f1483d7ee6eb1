import type { DrainState } from "../model/machines/drain-machine.ts";

/** What the domain asks of Step Functions about drains. Their names: `<incarnation>-<epoch>-<attempt>`. */
export interface Drains {
  /** `exists`: the name is taken, by our own earlier call or by an execution that is over. */
  start(state: DrainState): Promise<"started" | "exists">;
  /** Whether the execution of that name is under way. */
  isRunning(drain: Pick<DrainState, "incarnation" | "epoch" | "attempt">): Promise<boolean>;
}
