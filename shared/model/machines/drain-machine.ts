import type { JsonObject } from "../json/json.ts";
import { type LoopState, loopDefinition } from "./loop-machine.ts";

/** No flow's machine can have this name. */
export const DRAIN_MACHINE = "sluice-drain";

/** Input of a drain's execution, which its handler passes from one batch to the next. */
export interface DrainState extends LoopState {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly attempt: number;
}

export const drainDefinition = (drainFunctionArn: string): JsonObject =>
  loopDefinition("Wakes and starts what a held flow has kept", drainFunctionArn);
