import {
  executionArn,
  executionName,
  isInNative,
  moveOf,
  machineArn as ownMachineArn,
} from "../../model/machines/machine-names.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { MachineVersion } from "../../store/flows/machine-versions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type EndDependencies, logFields, type RunDependencies } from "../deps.ts";
import { failRun } from "./fail-run.ts";
import { stopExecution } from "./stop-run.ts";

/**
 * Step Functions is eventually consistent and may not know a new machine or version for some time. So a machine counts as missing only
 * after the third attempt, at least three minutes after the first. The first is the start itself; the sweeper makes the others.
 */
const BELIEVED_TRIES = 2;

/**
 * Each attempt that is skipped is the execution of an earlier run with the same idempotency key, deleted within the last 90
 * days.
 */
const MAX_ATTEMPTS = 100;

/**
 * Ensures that the run's execution exists. Every attempt uses the same name and input, so a lost response does no harm: an
 * execution with that name is the run's own. `payload` saves a read. Throws if Step Functions cannot be reached, or does not
 * know the machine yet; the intent stays, and the sweeper tries again. If a run ended before its start, the first gate of its
 * execution closes it; if a step may begin without a gate, the run is read once more and its execution stopped.
 */
export const startRun = async (deps: EndDependencies, run: RunItem, payload?: string): Promise<void> => {
  if (isInNative(run)) return; // a native execution is never started
  const input = payload ?? (await deps.runs.payload(run.workspace, run.runId));
  if (input === undefined) return; // the run has been deleted in the meantime
  const machine = await machineOf(deps, run);
  if (machine === undefined) return noMachine(deps, run);
  const { gated } = machine;
  let machineArn = machine.arn;
  let mine = run;
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const outcome = await deps.executions.start({ machineArn, name: executionName(mine), input });
    deps.log.info("Started the execution", { ...logFields(mine), outcome, attempt: mine.attempt });
    if (outcome === "deleting") return noMachine(deps, mine);
    if (outcome === "no-machine") {
      const now = hasOwnMachine(mine) ? machine : await deps.runs.freshMachineVersion(mine);
      if (now === undefined || (now.arn === machineArn && isBelieved(mine))) return noMachine(deps, mine);
      if (now.arn === machineArn) throw new Error(`Step Functions does not know ${machineArn} yet`);
      machineArn = now.arn; // the version was pruned and restored after it was cached
      continue;
    }
    if (outcome === "started" || !(await isTaken(deps, mine))) {
      if (!gated) await stopIfOver(deps, mine);
      return;
    }
    // The number is written before the start, so that concurrent calls agree on it. If the process dies between the two, the
    // intent repeats the start.
    const next = await deps.runs.nextAttempt(mine);
    const current = next.ok ? next.run : next.current;
    if (current === undefined || current.attempt <= mine.attempt) return;
    mine = current;
  }
};

/** Whether its executions are those of a machine that was made for a replay or an arrival, which has no versions. */
const hasOwnMachine = (run: RunItem): boolean =>
  run.machine === undefined && (run.startState !== undefined || moveOf(run) !== undefined);

/** The first state of an arrival machine reads the run, so no part of the flow begins unchecked. */
const machineOf = async (deps: RunDependencies, run: RunItem): Promise<MachineVersion | undefined> =>
  hasOwnMachine(run)
    ? { arn: ownMachineArn(deps.machinePlace, run), gated: moveOf(run) !== undefined }
    : deps.runs.machineVersion(run);

/** Whether the name belongs to the execution of an earlier run, which has ended. */
const isTaken = async (deps: RunDependencies, run: RunItem): Promise<boolean> => {
  if (run.bodyHash === undefined) return false;
  const state = await deps.executions.describe(executionArn(deps.machinePlace, run));
  return state?.startedAt !== undefined && isOfEarlierRun(run, Date.parse(state.startedAt));
};

/** Whether the run has been at a gate of its current execution, which therefore exists. */
const hasBegun = ({ startedAt, continuedFrom, historyBudget }: RunItem): boolean =>
  continuedFrom === undefined ? startedAt !== undefined : historyBudget !== undefined;

/** Whether the start was attempted often enough, or no intent is left to try again. */
const isBelieved = ({ intent }: RunItem): boolean => (intent?.tries ?? BELIEVED_TRIES) >= BELIEVED_TRIES;

const noMachine = async (deps: EndDependencies, run: RunItem): Promise<void> => {
  const failure = {
    error: "Sluice.StateMachineMissing",
    cause: `Version ${run.version} of the flow no longer has a state machine. Publish the flow again and replay the run.`,
    state: "",
  };
  const failed = await failRun(deps, run, failure, {
    still: (current) => current.attempt === run.attempt && !hasBegun(current),
  });
  if (failed !== undefined) await deps.limits.release(deps, failed);
};

/**
 * Stops the execution if the run has ended in the meantime. Whoever ends the run either finds the execution or is noticed by
 * this read, since it comes after the start.
 */
const stopIfOver = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  const now = await deps.runs.get(run.workspace, run.runId);
  const over = now === undefined || now.deleted === true || isTerminal(now.status);
  if (!over || now?.status === "completed") return;
  await stopExecution(deps, now ?? run, executionArn(deps.machinePlace, run));
};

/** Clocks differ by less than this, and two runs with the same id are further apart. */
const CLEARLY_BEFORE_MS = 3_600_000;

/** Whether the run has left that attempt's execution and continues in a new one. */
export const isLeft = ({ continuedFrom }: RunItem, attempt: number): boolean =>
  continuedFrom !== undefined && attempt <= continuedFrom;

/**
 * Whether an execution with the run's name belongs to an earlier run: after a run was deleted, its idempotency key leads to the
 * same id again, and Step Functions reserves an execution's name for 90 days. `startedAt`: epoch milliseconds.
 */
export const isOfEarlierRun = (run: RunItem, startedAt: number): boolean =>
  run.bodyHash !== undefined && startedAt < Date.parse(run.createdAt) - CLEARLY_BEFORE_MS;
