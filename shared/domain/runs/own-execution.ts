import type { RunItem } from "../../store/runs/run-item.ts";

/** Clocks differ by less, and between two lives of one id lies more. */
const CLEARLY_BEFORE_MS = 3_600_000;

/** Whether the run has gone on from the execution of that attempt in a fresh one: what goes on there is not the run's any more. */
export const isLeft = ({ continuedFrom }: RunItem, attempt: number): boolean =>
  continuedFrom !== undefined && attempt <= continuedFrom;

/**
 * Whether an execution that carries the run's name is of an earlier run: an idempotency key gives the same id again after its
 * run was deleted, and Step Functions keeps an execution's name for 90 days. `startedAt`: epoch milliseconds.
 */
export const isOfEarlierRun = (run: RunItem, startedAt: number): boolean =>
  run.bodyHash !== undefined && startedAt < Date.parse(run.createdAt) - CLEARLY_BEFORE_MS;
