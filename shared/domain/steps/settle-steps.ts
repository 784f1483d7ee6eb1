import { isGenerated } from "../../asl/gates/generated-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { HistoryEvent } from "../../outbound/ports.ts";
import type { RunContents } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { orWarn, type RunDependencies } from "../deps.ts";
import { type HistoryVisit, readVisits } from "./history.ts";
import { endOfVisit, matchVisits, neverEntered } from "./history-ends.ts";
import { mapRunsParkedSince } from "./map-runs.ts";
import { type Derived, deriveEnds, endThatFits, isTold, type StepEnd } from "./step-ends.ts";
import { attemptOf, byAttempt, executionOf, visitsOf } from "./step-history.ts";

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
  /** Whether the run is being closed. A history that is only needed for outputs is then left to the next reader. */
  readonly closing?: boolean;
}

/**
 * Returns all steps of a run with their ends. Ends that the stored steps do not show are read from the execution's history and
 * stored, since they no longer change. If the process dies between the writes, the next reader repeats this.
 */
export const settleSteps = async (
  deps: RunDependencies,
  run: RunItem,
  { contents, attempt, closing = false }: Settling = {},
): Promise<SettledStep[]> => {
  const { steps, output } = contents ?? (await deps.runs.contents(run.workspace, run.runId));
  const ends = deriveEnds(run, steps, output);
  const here = steps.filter((step) => attempt === undefined || attemptOf(run, step) === attempt);
  const unknown = here.filter((step) => ends.get(step.stepId) === "ask");
  const told = here.filter((step) => isTold(ends.get(step.stepId)));
  const asked = closing && unknown.length === 0 ? [] : [...unknown, ...told];
  const found =
    asked.length === 0 ? new Map<string, StepEnd>() : await ask(deps, run, steps, { unknown, told });
  return steps.map((step) => {
    const end = found.get(step.stepId) ?? known(ends.get(step.stepId));
    return end === undefined ? { step } : { step, end };
  });
};

/**
 * Settles the steps of a run, or of one of its executions, that has ended. Most need no history, whose quota is about 20 calls a second in
 * the account. If the history is needed and cannot be read, the run is closed without it, and the next reader reads it.
 */
export const settleOrLeave = async (
  deps: RunDependencies,
  run: RunItem,
  settling: Settling,
): Promise<void> => {
  const left = "The ends of a run's steps could not be read; the next reader of the run reads them";
  await orWarn(deps, run, left, () => settleSteps(deps, run, { ...settling, closing: true }));
};

const known = (derived: Derived | undefined): StepEnd | undefined => {
  if (isTold(derived)) return derived.told;
  return typeof derived === "object" ? derived : undefined;
};

/** The steps whose ends are to be found. */
interface Asked {
  readonly unknown: readonly StepItem[];
  /** Whether they are known to have completed. A history that does not show it is late, or was deleted. */
  readonly told: readonly StepItem[];
}

/**
 * Reads ends from the history of each step's own execution. An end is stored only once it can no longer change: the execution
 * of a run that has ended may continue for a moment, and its history may lag, so a step would be stored as cancelled forever.
 */
const ask = async (
  deps: RunDependencies,
  run: RunItem,
  steps: readonly StepItem[],
  { unknown, told }: Asked,
): Promise<Map<string, StepEnd>> => {
  const all = byAttempt(run, steps);
  const found = new Map<string, StepEnd>();
  const mustComplete = new Set(told.map(({ stepId }) => stepId));
  for (const [attempt, asked] of byAttempt(run, [...unknown, ...told])) {
    const ofAttempt = { steps: all.get(attempt) ?? [], asked, mustComplete };
    const ends = await askExecution(deps, run, attempt, ofAttempt);
    for (const [stepId, end] of ends) found.set(stepId, end);
  }
  return found;
};

interface OfAttempt {
  readonly steps: readonly StepItem[];
  readonly asked: readonly StepItem[];
  readonly mustComplete: ReadonlySet<string>;
}

const askExecution = async (
  deps: RunDependencies,
  run: RunItem,
  attempt: number,
  { steps, asked, mustComplete }: OfAttempt,
): Promise<Map<string, StepEnd>> => {
  let last: HistoryEvent | undefined;
  const history = deps.executions.history(executionOf(deps, run, attempt));
  const all = await readVisits(watched(history, (event) => (last = event)));
  const visits = matchVisits(steps, all);
  const over =
    last !== undefined && EXECUTION_ENDED.test(last.type)
      ? { at: iso(last.time), aborted: !/Failed$/.test(last.type) }
      : undefined;
  const found = new Map<string, StepEnd>();
  const final = new Map<string, StepEnd>();
  for (const step of asked) {
    const { stepId } = step;
    const visit = visits.get(stepId) ?? neverEntered(step, steps, visits);
    const end = endOfVisit(run, visit, over);
    if (end === undefined || (mustComplete.has(stepId) && end.status !== "completed")) continue;
    found.set(stepId, end);
    const isFinal = visit?.exited !== undefined || visit?.stopped !== undefined;
    if (isFinal || over !== undefined) final.set(stepId, endThatFits(step, end));
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

/**
 * Determines whether a paused run is parked as a whole, and stores the answer in the run. A top-level gate records it when it parks. With
 * several branches, only the execution's history shows that everything in progress is parked.
 */
export const settleParked = async (deps: RunDependencies, run: RunItem): Promise<RunItem> => {
  if (run.status !== "paused" || run.parkedAt !== undefined || run.pausedBy?.kind === "error") return run;
  const since = await parkedSince(deps, run);
  if (since === undefined) return run;
  const written = await deps.runs.markParked(run, since);
  return written.ok ? written.run : run;
};

const parkedSince = async (deps: RunDependencies, run: RunItem): Promise<string | undefined> => {
  const open = openLeaves(await visitsOf(deps, run));
  if (open.length === 0) return run.startedAt === undefined ? run.pausedBy?.at : undefined;
  const isStill = ({ state, mapRunArn }: HistoryVisit) =>
    mapRunArn !== undefined || isGenerated(state, "park");
  if (!open.every(isStill)) return undefined;
  const maps = open.flatMap(({ mapRunArn }) => mapRunArn ?? []);
  const inMaps = maps.length === 0 ? "" : await mapRunsParkedSince(deps, run, maps);
  if (inMaps === undefined) return undefined;
  const parks = open.filter(({ mapRunArn }) => mapRunArn === undefined);
  const latest = iso(Math.max(0, ...parks.map(({ entered }) => entered)));
  return inMaps > latest ? inMaps : latest;
};

/**
 * Returns the visits in progress: entered, not left, and not stopped with the enclosing state. A Parallel or Map is in progress if its
 * content is, and so is a failed step that may be retried. Stored parks would be less accurate, because the park of a used token can remain
 * for a while.
 */
const openLeaves = (visits: readonly HistoryVisit[]): HistoryVisit[] =>
  visits.filter(
    ({ type, exited, stopped, mapRunArn }) =>
      exited === undefined &&
      stopped === undefined &&
      (mapRunArn !== undefined || (type !== "Parallel" && type !== "Map")),
  );
