import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { HistoryVisit } from "./history.ts";
import { containerOf, type StepEnd } from "./step-ends.ts";

/**
 * Maximum length of an output stored with a step, in characters: with an input of that length, the item stays under DynamoDB's
 * 400 KB.
 */
const MAX_KEPT = 50_000;

/**
 * Milliseconds by which an event of the history may be older than the context object's EnteredTime of the same state. AWS does not document
 * which of the two comes first, and a step with an inline gate is recorded with the latter.
 */
const MAX_LEAD_MS = 50;

/**
 * Matches each step with its visit in the history: the first visit of its state, in its iterations, since its gate, that
 * belongs to no earlier step. A visit may begin in the same millisecond in which the next gate is entered. Steps are in order
 * of time.
 */
export const matchVisits = (
  steps: readonly StepItem[],
  visits: readonly HistoryVisit[],
): Map<string, HistoryVisit> => {
  const maps = new Set(visits.filter((visit) => visit.type === "Map").map((visit) => visit.state));
  const iterationsOf = iterationsIn([...maps]);
  const visitsByPlace = Map.groupBy(visits, (visit) => place(visit.state, visit.iterations));
  const stepsByPlace = Map.groupBy(steps, (step) => place(step.name, iterationsOf(step.path)));
  const matched = new Map<string, HistoryVisit>();
  for (const [key, here] of stepsByPlace) {
    const entries = visitsByPlace.get(key) ?? [];
    let at = 0;
    for (const [index, { stepId, entered }] of here.entries()) {
      const from = Date.parse(entered);
      const until = Date.parse(here[index + 1]?.entered ?? "") || Number.POSITIVE_INFINITY;
      while ((entries[at]?.entered ?? from) < from - MAX_LEAD_MS) at += 1;
      const visit = entries[at];
      if (visit === undefined || visit.entered > until) continue;
      matched.set(stepId, visit);
      at += 1;
    }
  }
  return matched;
};

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/**
 * Finds the iterations in a path, outermost first. A state's name may contain the path's separators, so the function searches
 * for the names of the known Maps.
 */
const iterationsIn = (maps: readonly string[]): ((path: string) => string[]) => {
  const patterns = maps.map((map) => new RegExp(`/(${literally(map)}\\[\\d+\\])(?=/)`, "g"));
  return (path) =>
    patterns
      .flatMap((pattern) => [...`/${path}/`.matchAll(pattern)])
      .sort((one, other) => one.index - other.index)
      .map(([, iteration = ""]) => iteration);
};

/**
 * Returns the visit of a step whose gate passed but whose state was never entered, because the state around it ended first;
 * undefined if its state may still be entered.
 */
export const neverEntered = (
  step: StepItem,
  steps: readonly StepItem[],
  visits: ReadonlyMap<string, HistoryVisit>,
): HistoryVisit | undefined => {
  const around = visits.get(containerOf(step, steps)?.stepId ?? "");
  const stopped = around?.exited ?? around?.stopped;
  if (stopped === undefined) return undefined;
  return { type: step.type, state: step.name, iterations: [], entered: stopped, stopped };
};

const place = (state: string, iterations: readonly string[]): string => JSON.stringify([state, iterations]);

/** The end of an execution. */
export interface Over {
  /** ISO 8601. */
  readonly at: string;
  /** Whether it was stopped from outside. */
  readonly aborted: boolean;
}

/**
 * Returns how a step ended; undefined if it has not ended yet: a failure may be retried until the state is left. A step that
 * was open when its run, its execution or the Parallel or Map around it ended was cancelled at that time, also one that had failed and
 * waited for its next attempt.
 */
export const endOfVisit = (
  run: RunItem,
  visit: HistoryVisit | undefined,
  over?: Over,
): StepEnd | undefined => {
  const runOver = isTerminal(run.status) ? (run.endedAt ?? run.updatedAt) : over?.at;
  const stopped = visit?.stopped === undefined ? runOver : iso(visit.stopped);
  const isCutShort =
    visit?.failed?.uncaught !== true &&
    (visit?.stopped !== undefined || over?.aborted === true || run.status === "cancelled");
  const hasFailed = visit?.exited !== undefined || (stopped !== undefined && !isCutShort);
  if (visit?.failed !== undefined && hasFailed) {
    const { at, error, cause } = visit.failed;
    return { at: iso(visit.exited ?? at), status: "failed", error: { error, cause } };
  }
  if (visit?.exited !== undefined) {
    return { at: iso(visit.exited), status: "completed", ...keptOutput(visit.output) };
  }
  return stopped === undefined ? undefined : { at: stopped, status: "cancelled" };
};

const keptOutput = (output: string | undefined): Pick<StepEnd, "output" | "outputSize"> => {
  if (output === undefined) return {};
  return output.length < MAX_KEPT ? { output } : { outputSize: Buffer.byteLength(output) };
};
