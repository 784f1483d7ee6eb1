import type { BulkState } from "../model/machines/bulk-machine.ts";

/** What the domain asks of Step Functions about bulk operations. Their executions' names: `<bulk id>-<attempt>`. */
export interface BulkJobs {
  /** `exists`: the name is taken, by our own earlier call or by an execution that is over. */
  start(state: BulkState): Promise<"started" | "exists">;
  /** Whether the execution of that name is under way. */
  isRunning(job: Pick<BulkState, "bulkId" | "attempt">): Promise<boolean>;
}
