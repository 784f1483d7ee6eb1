import type { JsonObject } from "../json/json.ts";
import { type LoopState, loopDefinition } from "./loop-machine.ts";

/** No flow's machine can have this name. */
export const BULK_MACHINE = "sluice-bulk";

/** Input of a bulk operation's execution, which its handler passes from one batch to the next. */
export interface BulkState extends LoopState {
  readonly workspace: string;
  readonly bulkId: string;
  /** Part of the execution's name: Step Functions keeps a name for 90 days, even of a failed execution. */
  readonly attempt: number;
}

export const bulkDefinition = (bulkFunctionArn: string): JsonObject =>
  loopDefinition("Does one action to each of the runs of a bulk operation", bulkFunctionArn);
