import { executionArn } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import type { EndDependencies, RenewDependencies, RunDependencies } from "../deps.ts";
import { isOld, renewExecution } from "../repair/renew-execution.ts";
import { closeRun } from "../runs/close-run.ts";
import { failRun } from "../runs/fail-run.ts";
import { keepPlace } from "../runs/keep-place.ts";
import { performIntent } from "../runs/perform-intent.ts";
import { isQueued, waitsForSlot } from "../runs/queued-run.ts";
import { startRun } from "../runs/start-run.ts";
import { standsOnError } from "../runs/status-change.ts";
import { wakeUnkept } from "../runs/wake-run.ts";
import type { Failure } from "../steps/failure.ts";

const FIRST_CHECK_MS = 5 * 60_000;
const LAST_CHECK_MS = 86_400_000;

/** The outcome of the check of a silent run. */
export type SilentRun =
  | "early"
  | "alive"
  | "closed"
  | "started again"
  | "lost"
  | "given up"
  | "standing"
  | "renewed";

/** Returns the time of the run's last sign of life. */
const lastSign = (run: RunItem): number =>
  Math.max(Date.parse(run.updatedAt), Date.parse(run.currentStep?.entered ?? run.updatedAt));

/**
 * Checks a run that has been silent for a long time, since events of executions and wake-ups may be lost. The intervals between
 * checks grow, because DescribeExecution's quota is about 15 per second. The next check is written last, so that a check that
 * dies or fails is repeated.
 */
export const checkSilent = async (deps: RenewDependencies, run: RunItem): Promise<SilentRun> => {
  const now = deps.clock.now();
  if (standsOnError(run)) {
    const kept = await keepPlace(deps, run);
    if (standsOnError(kept) && kept.parkedAt === undefined)
      await scheduleCheck(deps, kept, now + FIRST_CHECK_MS);
    return "standing";
  }
  const silent = Math.max(now - lastSign(run), 0);
  if (silent < FIRST_CHECK_MS) {
    await scheduleCheck(deps, run, now + FIRST_CHECK_MS - silent);
    return "early";
  }
  deps.metrics.count("silentRunsLooked");
  const state = await deps.executions.describe(executionArn(deps.machinePlace, run));
  if (state === undefined) return withoutExecution(deps, run, silent);
  if (state.status === "RUNNING" || state.status === "PENDING_REDRIVE") {
    if (isOld(deps, run, state.startedAt) && (await renewExecution(deps, run))) return "renewed";
    await wakeUnlessPaused(deps, run);
    await scheduleCheck(deps, run, now + Math.min(silent, LAST_CHECK_MS), {
      remove: run.lost === undefined ? [] : ["lost"],
    });
    return "alive";
  }
  deps.metrics.count("silentRunsClosed");
  await closeRun(deps, run, state);
  return "closed";
};

const scheduleCheck = async (
  deps: EndDependencies,
  run: RunItem,
  at: number,
  patch: Patch = {},
): Promise<void> => {
  await deps.runs.updateAttributes(run, { ...patch, set: { ...patch.set, checkAt: iso(at) } });
};

/**
 * Wakes what nothing holds of a run: its parks lost their wake-up, or their tokens are spent. Waking sends the tokens and
 * deletes the parks.
 */
const wakeUnlessPaused = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  if (run.pausedBy?.kind === "user" || waitsForSlot(run)) return;
  deps.metrics.count("parksReleased", await wakeUnkept(deps, run));
};

/** A run is given up after this many checks over this time: a single ExecutionDoesNotExist proves nothing. */
const LOST_CHECKS = 5;
const LOST_MS = 86_400_000;
const NEXT_LOST_CHECK_MS = 6 * 3_600_000;
const LOST: Failure = {
  error: "Sluice.ExecutionLost",
  cause: "Step Functions could not find the run's execution for a day",
  state: "",
};

/**
 * Returns since when, and how often, the execution of a run that has begun was not found, including this check. `now`: epoch
 * milliseconds.
 */
const lostSince = (run: RunItem, now: number): NonNullable<RunItem["lost"]> => ({
  since: run.lost?.since ?? iso(now),
  looks: (run.lost?.looks ?? 0) + 1,
});
export const isGivenUp = (lost: NonNullable<RunItem["lost"]>, now: number): boolean =>
  lost.looks >= LOST_CHECKS && now - Date.parse(lost.since) >= LOST_MS;

const withoutExecution = async (deps: EndDependencies, run: RunItem, silent: number): Promise<SilentRun> => {
  const now = deps.clock.now();
  const next = now + Math.min(silent, NEXT_LOST_CHECK_MS);
  if (run.startedAt === undefined && run.execution === undefined) {
    // Its start was accepted but had no effect. The same name and input are used again, so that a start that takes effect late
    // is the same execution.
    const waits = run.status === "pending" && !isQueued(run);
    if (waits) {
      deps.metrics.count("startsRepeated");
      await startRun(deps, run);
    }
    await scheduleCheck(deps, run, next);
    return waits ? "started again" : "alive";
  }
  const lost = lostSince(run, now);
  if (!isGivenUp(lost, now)) {
    await scheduleCheck(deps, run, next, { set: { lost } });
    return "lost";
  }
  const failed = await failRun(deps, run, LOST, {
    stop: true,
    still: ({ lost: seen }) => seen !== undefined,
  });
  deps.metrics.count("runsGivenUp");
  if (failed !== undefined) await performIntent(deps, failed);
  return "given up";
};
