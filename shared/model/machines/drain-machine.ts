import type { JsonObject } from "../json/json.ts";
import { type LoopState, loopDefinition } from "./loop-machine.ts";

/** Its name lies outside those of flows' machines. */
export const DRAIN_MACHINE = "sluice-drain";

/** What a drain's execution is given, and what its handler hands on from one batch to the next. */
export interface DrainState extends LoopState {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly attempt: number;
}

export const drainDefinition = (drainFunctionArn: string): JsonObject =>
  loopDefinition("Wakes and starts what a held flow has kept", drainFunctionArn);
