export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** Times are epoch ms. The input and output are stored apart: most uses of an execution do not need them. */
export interface Execution {
  readonly id: number;
  readonly arn: string;
  readonly machine: string;
  readonly version: number | undefined;
  readonly name: string;
  readonly definition: number;
  readonly role: string;
  readonly status: ExecutionStatus;
  readonly started: number;
  readonly stopped: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly redrives: number;
  readonly redriven: number | undefined;
}
