import type { Kept } from "../../model/holds/keeps.ts";
import { executionArn } from "../../model/machines/machine-names.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StateGateDependencies } from "../deps.ts";
import { decideGate } from "./decide-gate.ts";
import { questionOf } from "./gate-question.ts";
import { TaskError } from "./task-error.ts";

/** Whether a run may stay in its execution, and if so, with which history budget. */
export type HistoryDecision =
  | { readonly kind: "stay"; readonly historyBudget: number }
  | { readonly kind: "leave" };

/**
 * Decides from the history's current length and the events that may follow before the next gate (`growth`). Only half of the
 * free events are granted at a time, since pauses and failures of gates add events that cannot be foreseen. A loop of small
 * steps therefore checks its history about ten times.
 */
export const decideContinueAsNew = (length: number, growth: number, mark: number): HistoryDecision =>
  length + growth > mark
    ? { kind: "leave" }
    : { kind: "stay", historyBudget: budgetFrom(mark - length, growth) };

const budgetFrom = (free: number, growth: number): number => Math.max(Math.floor(free / 2) - growth, 0);

/**
 * Returns the history budget that is left after this visit; undefined if events are not counted. Throws `continueAsNew` if the
 * history has no room for what follows. That happens before anything is written or counted for the visit, so that only the new
 * execution's gate does so. The first gate of a new execution always passes: otherwise, a state that never fits would continue
 * as new forever.
 */
export const historyBudgetAfter = async (
  deps: StateGateDependencies,
  event: GateEvent,
  run: RunItem | undefined,
  kept: Kept | undefined,
): Promise<number | undefined> => {
  const { growth } = event;
  if (growth === undefined || run === undefined) return undefined;
  const decision = decideGate(run, questionOf(event, { kept }, false, 0), deps.clock.now());
  if (decision.kind !== "write" || decision.answer !== "pass") return undefined;
  const mark = deps.historyMark();
  if (run.historyBudget === undefined) return budgetFrom(mark, growth);
  if (run.historyBudget >= growth) return run.historyBudget - growth;
  const length = await deps.executions.length(executionArn(deps.machinePlace, run));
  const decided = decideContinueAsNew(length, growth, mark);
  if (decided.kind === "leave") throw new TaskError("continueAsNew");
  return decided.historyBudget;
};
