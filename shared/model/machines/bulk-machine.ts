import type { JsonObject } from "../json/json.ts";
import { type LoopState, loopDefinition } from "./loop-machine.ts";

/** Its name lies outside those of flows' machines. */
export const BULK_MACHINE = "sluice-bulk";

/** What the execution of a bulk operation is given, and what its handler hands on from one batch to the next. */
export interface BulkState extends LoopState {
  readonly workspace: string;
  readonly bulkId: string;
  /** Of the execution's name: a name is burnt for 90 days, also by a failure. */
  readonly attempt: number;
}

export const bulkDefinition = (bulkFunctionArn: string): JsonObject =>
  loopDefinition("Does one action to each of the runs of a bulk operation", bulkFunctionArn);
