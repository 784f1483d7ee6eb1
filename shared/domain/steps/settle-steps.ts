import type { HistoryEvent } from "../../outbound/ports.ts";
import type { RunContents } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { RunDependencies } from "../deps.ts";
import { readVisits } from "./history.ts";
import { endOfVisit, matchVisits, neverEntered } from "./history-ends.ts";
import { type Derived, deriveEnds, endThatFits, type StepEnd } from "./step-ends.ts";
import { attemptOf, byAttempt, executionOf } from "./step-history.ts";

export interface SettledStep {
  readonly step: StepItem;
  readonly end?: StepEnd;
}

/** Writes at the same time. */
const CONCURRENCY = 10;

export interface Settling {
  /** The run's contents, if they have been read. */
  readonly contents?: RunContents;
  /** Reads only this attempt's history. Other steps are returned as far as they are known. */
  readonly attempt?: number;
}

/**
 * Returns all steps of a run with their ends. Ends that the stored steps do not show are read from the execution's history and
 * stored, since they no longer change. If the process dies between the writes, the next reader repeats this.
 */
export const settleSteps = async (
  deps: RunDependencies,
  run: RunItem,
  { contents, attempt }: Settling = {},
): Promise<SettledStep[]> => {
  const { steps, output } = contents ?? (await deps.runs.contents(run.workspace, run.runId));
  const ends = deriveEnds(run, steps, output);
  const asked = steps.filter(
    (step) => ends.get(step.stepId) === "ask" && (attempt === undefined || attemptOf(run, step) === attempt),
  );
  const found = asked.length === 0 ? new Map<string, StepEnd>() : await ask(deps, run, steps, asked);
  return steps.map((step) => {
    const end = found.get(step.stepId) ?? known(ends.get(step.stepId));
    return end === undefined ? { step } : { step, end };
  });
};

const known = (derived: Derived | undefined): StepEnd | undefined =>
  typeof derived === "object" ? derived : undefined;

/**
 * Reads ends from the history of each step's own execution. An end is stored only once it can no longer change: the execution
 * of a run that has ended may continue for a moment, and its history may lag, so a step would be stored as cancelled forever.
 */
const ask = async (
  deps: RunDependencies,
  run: RunItem,
  steps: readonly StepItem[],
  asked: readonly StepItem[],
): Promise<Map<string, StepEnd>> => {
  const all = byAttempt(run, steps);
  const found = new Map<string, StepEnd>();
  for (const [attempt, ofAttempt] of byAttempt(run, asked)) {
    const ends = await askExecution(deps, run, attempt, all.get(attempt) ?? [], ofAttempt);
    for (const [stepId, end] of ends) found.set(stepId, end);
  }
  return found;
};

const askExecution = async (
  deps: RunDependencies,
  run: RunItem,
  attempt: number,
  steps: readonly StepItem[],
  asked: readonly StepItem[],
): Promise<Map<string, StepEnd>> => {
  let last: HistoryEvent | undefined;
  const history = deps.executions.history(executionOf(deps, run, attempt));
  const all = await readVisits(watched(history, (event) => (last = event)));
  const visits = matchVisits(steps, all);
  const found = new Map<string, StepEnd>();
  const final = new Map<string, StepEnd>();
  for (const step of asked) {
    const { stepId } = step;
    const visit = visits.get(stepId) ?? neverEntered(step, steps, visits);
    const end = endOfVisit(run, visit);
    if (end === undefined) continue;
    found.set(stepId, end);
    const isFinal = visit?.exited !== undefined || visit?.stopped !== undefined;
    if (isFinal || EXECUTION_ENDED.test(last?.type ?? "")) final.set(stepId, endThatFits(step, end));
  }
  await forEachConcurrent(final, { concurrency: CONCURRENCY }, ([stepId, end]) =>
    deps.steps.end(run.workspace, run.runId, stepId, end),
  );
  return found;
};

const EXECUTION_ENDED = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/;

async function* watched<T>(items: AsyncIterable<T>, see: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    see(item);
    yield item;
  }
}
