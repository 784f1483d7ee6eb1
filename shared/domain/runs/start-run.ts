import {
  executionArn,
  executionName,
  machineArn as ownMachineArn,
} from "../../model/machines/machine-names.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type RunDependencies } from "../deps.ts";
import { failRun } from "./fail-run.ts";
import { stopExecution } from "./stop-run.ts";

/** Each is an earlier run of the same idempotency key, deleted within 90 days. */
const MAX_ATTEMPTS = 100;

/**
 * Makes sure that the run's execution exists. Name and input are the same at every try, so a lost answer does no harm:
 * an execution of that name is ours. `payload` saves the read where the caller has it. Throws when Step Functions cannot be reached.
 * A run that was ended before its start is closed by the first gate that its execution asks; one that may begin a step without is
 * looked at once more and stopped.
 */
export const startRun = async (deps: RunDependencies, run: RunItem, payload?: string): Promise<void> => {
  const input = payload ?? (await deps.runs.payload(run.workspace, run.runId));
  if (input === undefined) return; // deleted in the meantime
  const machine =
    run.startState === undefined
      ? await deps.runs.machineVersion(run)
      : { arn: ownMachineArn(deps.statesArnPrefix, run), gated: false };
  if (machine === undefined) return noMachine(deps, run);
  const { arn: machineArn, gated } = machine;
  let mine = run;
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const outcome = await deps.executions.start({ machineArn, name: executionName(mine), input });
    deps.log.info("Start of the execution", { ...logFields(mine), outcome, attempt: mine.attempt });
    if (outcome === "no-machine") return noMachine(deps, mine);
    if (outcome === "started" || !(await isTaken(deps, mine))) {
      if (!gated) await stopIfOver(deps, mine);
      return;
    }
    // The number first, then the start: rivals agree on it, and a death between leaves the start to the intent.
    const next = await deps.runs.nextAttempt(mine);
    const current = next.ok ? next.run : next.current;
    if (current === undefined || current.attempt <= mine.attempt) return;
    mine = current;
  }
};

/** The name belongs to an execution of an earlier run, which is over. */
const isTaken = async (deps: RunDependencies, run: RunItem): Promise<boolean> => {
  if (run.bodyHash === undefined) return false;
  const state = await deps.executions.describe(executionArn(deps.statesArnPrefix, run));
  return state?.startedAt !== undefined && isOfEarlierRun(run, Date.parse(state.startedAt));
};

/** It has been at a gate of its execution, so that one exists. */
const hasBegun = ({ startedAt, continuedFrom, historyBudget }: RunItem): boolean =>
  continuedFrom === undefined ? startedAt !== undefined : historyBudget !== undefined;

const noMachine = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  const failure = {
    error: "Sluice.StateMachineMissing",
    cause: `Version ${run.version} of the flow has no state machine any more; publish the flow again and replay the run`,
    state: "",
  };
  await failRun(deps, run, failure, {
    still: (current) => current.attempt === run.attempt && !hasBegun(current),
  });
};

/** Start first, look second: whoever ends the run either finds the execution and stops it, or is seen here. */
const stopIfOver = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  const now = await deps.runs.get(run.workspace, run.runId);
  const over = now === undefined || now.deleted === true || isTerminal(now.status);
  if (!over || now?.status === "completed") return;
  await stopExecution(deps, now ?? run, executionArn(deps.statesArnPrefix, run));
};

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
