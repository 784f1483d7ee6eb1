import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { DueItem, OverdueItem } from "../../store/due.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { UnstorableError } from "../../store/table.ts";
import { forEachConcurrent, roundRobin } from "../concurrency.ts";
import {
  type EndDependencies,
  logFields,
  orWarn,
  type RunDependencies,
  type SweepDependencies,
} from "../deps.ts";
import { sweepFlowDeletion } from "../flows/delete-flow.ts";
import { TIMEOUT } from "../gates/decide-gate.ts";
import { sweepIncident } from "../incidents/sweep-incident.ts";
import { deliverAnswer } from "../people/deliver-answer.ts";
import { endUnstorable, failRun } from "../runs/fail-run.ts";
import { laterIntent } from "../runs/intents.ts";
import { performIntent } from "../runs/perform-intent.ts";
import { stopLeftExecutions } from "../runs/stop-run.ts";
import { sweepSchedules } from "../triggers/sweep-schedules.ts";
import { checkSilent } from "./check-silent.ts";
import { reportOverdue } from "./report-overdue.ts";
import { sweepBulk } from "./sweep-bulk.ts";
import { type SweepOutcome, sweepFlow } from "./sweep-flow.ts";
import { sweepSlots } from "./sweep-slots.ts";
import { type TidyLimits, tidyUp } from "./tidy-up.ts";

type DueOf<Kind extends DueItem["kind"]> = Extract<DueItem, { kind: Kind }>;

export interface SweepLimits {
  /** Maximum number of due items per shard in one sweep. The next sweep continues. */
  readonly perShard: number;
  readonly concurrency: number;
  /** Nothing new is started after this time; the next sweep continues. */
  readonly budgetMs: number;
  /** Limits of the deletions, which come last and have their own budget. */
  readonly tidy: TidyLimits;
}

/**
 * Completes what other processes left unfinished, and ends what is past its time. The index only points to candidates: every
 * decision is based on the item itself, and every repetition is idempotent, so two concurrent sweeps do no harm, and if a sweep
 * dies, the next one continues. Shards take turns, and failed items move behind all others that are due, so that nothing holds
 * up the rest.
 */
export const sweep = async (deps: SweepDependencies, limits: SweepLimits): Promise<void> => {
  const now = deps.clock.now();
  const until = now + limits.budgetMs;
  const things = roundRobin(deps.due.overdue(iso(now), limits.perShard));
  let oldest = now;
  const work = async (thing: OverdueItem): Promise<void> => {
    oldest = Math.min(oldest, Date.parse(thing.due));
    if (thing.isLast) deps.metrics.count("sweepLeft");
    await attempt(deps, thing);
  };
  const mayContinue = () => deps.clock.now() < until;
  await forEachConcurrent(things, { concurrency: limits.concurrency, mayContinue }, work);
  if (oldest < now) deps.metrics.measure("oldestOverdue", (now - oldest) / 1_000);
  await tidyUp(deps, limits.tidy);
};

const attempt = async (deps: SweepDependencies, thing: DueItem): Promise<void> => {
  try {
    if ((await sweepThing(deps, thing)) === "not yet") await postpone(deps, thing);
  } catch (error) {
    deps.metrics.count("sweepFailures");
    deps.log.error("A due item could not be swept", { ...logFields(thing), error: error as Error });
    if (error instanceof UnstorableError && thing.kind === "run") await endRun(deps, thing);
    await postpone(deps, thing);
  }
};

const sweepThing = async (deps: SweepDependencies, thing: DueItem): Promise<SweepOutcome> => {
  if (thing.kind === "flow") return sweepFlow(deps, thing);
  if (thing.kind === "slots") return sweepSlots(deps, thing);
  if (thing.kind === "step") return sweepAnswer(deps, thing);
  if (thing.kind === "run") await sweepRun(deps, thing);
  else if (thing.kind === "trigger-schedules") await sweepSchedules(deps, thing);
  else if (thing.kind === "bulk") await sweepBulk(deps, thing);
  else if (thing.kind === "incident") await sweepIncident(deps, thing);
  else await sweepFlowDeletion(deps, thing);
  return "done";
};

const postpone = (deps: SweepDependencies, thing: DueItem): Promise<void> =>
  orWarn(deps, thing, "A due item could not be postponed", () =>
    deps.due.postpone(thing, iso(deps.clock.now())),
  );

/** Ends a run that no sweep can repair. After a failure, the next sweep tries again. */
const endRun = async (deps: EndDependencies, { workspace, runId }: DueOf<"run">): Promise<void> => {
  try {
    const run = await deps.runs.get(workspace, runId);
    if (run !== undefined) await endUnstorable(deps, run, run.currentStep?.name ?? "");
  } catch (error) {
    deps.log.error("A run could not be ended", { workspace, runId, error: error as Error });
  }
};

/** The time between two attempts to stop an execution that a run has left. */
const STOP_AGAIN_MS = 300_000;

const isDue = (time: string | undefined, now: string): boolean => time !== undefined && time <= now;

const sweepRun = async (deps: SweepDependencies, thing: DueOf<"run">): Promise<void> => {
  const run = await deps.runs.get(thing.workspace, thing.runId);
  if (run === undefined || run.deleted === true) return;
  const now = deps.clock.now();
  if (run.intent !== undefined && isDue(run.intent.due, iso(now))) {
    // The next due time is written first, so that a repetition that dies or fails is tried again, with growing intervals.
    const intent = laterIntent(run.intent, now);
    if (!(await deps.runs.retryIntent(run, intent))) return;
    deps.metrics.count("intentsRedone");
    deps.metrics.measure("intentTries", intent.tries);
    deps.log.info("Repeating an unfinished change", {
      ...logFields(run),
      kinds: intent.kinds.join(),
      tries: intent.tries,
    });
    await performIntent(deps, { ...run, intent });
    return;
  }
  if (run.toStop !== undefined && isDue(run.toStop.due, iso(now))) {
    // The next due time is written first, so that a repetition that dies or fails is tried again.
    await deps.runs.settleStops(run, run.toStop, iso(now + STOP_AGAIN_MS));
    await stopLeftExecutions(deps, run);
    return;
  }
  if (isTerminal(run.status)) return sweepEnded(deps, run, now);
  if (isPastDeadline(run, iso(now))) return timeOut(deps, run);
  if (run.expectedBy !== undefined && isDue(run.expectedBy, iso(now)))
    return reportOverdue(deps, run, run.expectedBy);
  if (isDue(run.checkAt, iso(now))) {
    await checkSilent(deps, run);
    return;
  }
  // Nothing is due: the index lags, or two writers left an old due time, which would be examined forever.
  await deps.runs.updateAttributes(run, {});
};

/** The time between two attempts to release the slot of an ended run. */
const RELEASE_AGAIN_MS = 300_000;

/** An ended run has an intent, executions to stop or a slot; otherwise the index lags, or two writers left an old due time. */
const sweepEnded = async (deps: EndDependencies, run: RunItem, now: number): Promise<void> => {
  const { slot } = run;
  if (slot === undefined) {
    await deps.runs.updateAttributes(run, {});
    return;
  }
  // The next due time is written first, so that a repetition that dies or fails is tried again.
  const written = await deps.runs.retryRelease(run, { ...slot, due: iso(now + RELEASE_AGAIN_MS) });
  if (written.ok) await deps.limits.release(deps, written.run);
};

/** The deadline of a paused run does not pass. */
const isPastDeadline = (run: RunItem, now: string): boolean =>
  run.status !== "paused" && isDue(run.deadline, now);

/** Ends a run that is past its deadline in a step or a wait: first its status, then, by the intent, its execution. */
const timeOut = async (deps: EndDependencies, run: RunItem): Promise<void> => {
  const failed = await failRun(deps, run, TIMEOUT, {
    stop: true,
    still: (current) => isPastDeadline(current, iso(deps.clock.now())),
  });
  if (failed === undefined) return;
  deps.metrics.count("deadlinesEnforced");
  await performIntent(deps, failed);
};

const sweepAnswer = async (deps: RunDependencies, thing: DueOf<"step">): Promise<SweepOutcome> => {
  const { workspace, runId, stepId } = thing;
  const step = await deps.steps.get(workspace, runId, stepId);
  const run = await deps.runs.get(workspace, runId);
  const intent = step?.human?.intent;
  const now = deps.clock.now();
  if (step === undefined || run === undefined || intent === undefined) return "not yet";
  if (!isDue(intent.due, iso(now))) return "done";
  const later = laterIntent(intent, now);
  if (!(await deps.steps.retryIntent(workspace, runId, stepId, later))) return "done";
  deps.metrics.count("answersRedelivered");
  deps.metrics.measure("intentTries", later.tries);
  await deliverAnswer(deps, run, step);
  return "done";
};
