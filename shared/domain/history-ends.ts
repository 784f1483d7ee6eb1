import { iso } from "../model/clock.ts";
import { isTerminal } from "../model/transitions.ts";
import type { RunRecord, StepRecord } from "../store/records.ts";
import type { HistoryVisit } from "./history.ts";
import type { StepEnd } from "./step-ends.ts";

/** Longest output kept with a step, in characters: beside an input of that length the item stays under DynamoDB's 400 KB. */
const MAX_KEPT = 50_000;

/** Each step's visit in the history: the first one into its state, in its iterations, from its gate on. */
export const matchVisits = (
  steps: readonly StepRecord[],
  visits: readonly HistoryVisit[],
): Map<string, HistoryVisit> => {
  const maps = new Set(visits.filter((visit) => visit.type === "Map").map((visit) => visit.state));
  const byPlace = Map.groupBy(visits, (visit) => place(visit.state, visit.iterations));
  const matched = new Map<string, HistoryVisit>();
  const until = new Map<string, number>();
  for (const step of [...steps].reverse()) {
    const iterations = step.path.split("/").filter((part) => maps.has(part.slice(0, part.lastIndexOf("["))));
    const key = place(step.name, iterations);
    const from = Date.parse(step.entered);
    const before = until.get(key) ?? Number.POSITIVE_INFINITY;
    const visit = byPlace.get(key)?.find(({ entered }) => entered >= from && entered < before);
    if (visit !== undefined) matched.set(step.stepId, visit);
    until.set(key, from);
  }
  return matched;
};

const place = (state: string, iterations: readonly string[]): string => JSON.stringify([state, iterations]);

/**
 * How the step ended; undefined while it has not: a failure may be tried again until the state is left. What a run that is
 * over left open was stopped with it, what a Parallel or Map left open when it failed, then.
 */
export const endOfVisit = (run: RunRecord, visit: HistoryVisit | undefined): StepEnd | undefined => {
  const runOver = isTerminal(run.status) ? (run.endedAt ?? run.updatedAt) : undefined;
  const stopped = visit?.stopped === undefined ? runOver : iso(visit.stopped);
  if (visit?.failed !== undefined && (visit.exited !== undefined || stopped !== undefined)) {
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
