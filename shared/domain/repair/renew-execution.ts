import { isGenerated } from "../../asl/gates/generated-names.ts";
import { THE_END } from "../../asl/history/continue-as-new.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type PlaceDependencies, type RenewDependencies } from "../deps.ts";
import { newIntent } from "../runs/intents.ts";
import { variablesIn } from "../runs/keep-place.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { standsOnError } from "../runs/status-change.ts";
import { visitsOf } from "../steps/step-history.ts";
import { makeArrivalMachine, movesOnto } from "./arrival-machine.ts";

/** Whether the run is parked in an execution that Step Functions will soon end. `startedAt`: ISO 8601. */
export const isOld = (
  { clock, maxStayMs }: Pick<RenewDependencies, "clock" | "maxStayMs">,
  run: RunItem,
  startedAt: string | undefined,
): boolean =>
  run.status === "paused" &&
  !standsOnError(run) &&
  startedAt !== undefined &&
  clock.now() - Date.parse(startedAt) >= maxStayMs;

/**
 * Lets a parked run wait in a fresh execution: (1) stores the input of the state at whose gate it is parked, and the variables;
 * (2) makes the version's arrival machine; (3) gives the run its next attempt with the intent to start that execution and to wake the old
 * one, in one write on the run as it was read; (4) wakes the old gate, which finds that the run has left it, so that the execution is
 * stopped; (5) starts the other one, which parks at the same gate. If the process dies before (3), the run is where it was, and its next
 * check repeats everything. After (3), the intent does the rest. A run that was resumed in the meantime refuses (3), and one that is
 * resumed afterwards begins in the fresh execution. Nothing of the status changes, so nobody notices.
 *
 * Returns whether the run has moved. One that is parked inside a Parallel or Map stays: a fresh execution would call its finished branches
 * again.
 */
export const renewExecution = async (deps: RenewDependencies, run: RunItem): Promise<boolean> => {
  const park = await topLevelPark(deps, run);
  const visits = park === undefined ? [] : await visitsOf(deps, run);
  const open = visits.findLast(({ nested, exited }) => nested === undefined && exited === undefined);
  if (run.machine !== undefined || park === undefined || open?.input === undefined) {
    deps.metrics.count("executionsNearTheirEnd");
    deps.log.warn(
      "The run's execution ends within a month, and cannot be replaced: resume the run, or replay it",
      logFields(run),
    );
    return false;
  }
  const { attempt } = run;
  for (const [name, value] of variablesIn(visits))
    await deps.continuations.putVariable(run, attempt, name, value);
  const state = isGenerated(park.state) ? THE_END : park.state;
  await deps.continuations.put(run, attempt, { state, input: open.input });
  await makeArrivalMachine(deps, run, run.version);
  const intent = newIntent(["wake", "start"], run.intent, deps.clock.now(), deps.ids);
  const moves = movesOnto({ ...run, attempt: attempt + 1 }, run.version);
  const written = await deps.runs.continueAsNew(run, intent, moves);
  if (!written.ok) return false;
  deps.metrics.count("executionsRenewed");
  deps.log.info("The parked run continues to wait in a fresh execution", {
    ...logFields(run),
    attempt: attempt + 1,
  });
  await performIntentOrLeave(deps, written.run);
  await deps.continuations.delete(run, attempt - 1);
  return true;
};

/** Returns the newest park of the run's current execution, unless it is inside a Parallel or Map. */
const topLevelPark = async (deps: PlaceDependencies, run: RunItem): Promise<ParkItem | undefined> => {
  let newest: ParkItem | undefined;
  for await (const park of deps.parks.ofRun(run)) {
    if ((park.attempt ?? 1) !== run.attempt) continue;
    if (park.path !== "") return undefined;
    if (newest === undefined || park.entered > newest.entered) newest = park;
  }
  return newest;
};
