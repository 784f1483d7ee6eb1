import type { ParkItem, ParkOwner } from "../../store/runs/parks.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { RunDependencies } from "../deps.ts";

/** Tokens sent at the same time. */
const CONCURRENCY = 10;

/**
 * Sends every task token of the run. Each wakes a gate, which decides again. Called after the write that lifts the pause or
 * hold: a gate that parks later sees that write and wakes itself. Returns the number of tokens.
 */
export const wakeRun = async (deps: RunDependencies, run: ParkOwner): Promise<number> => {
  let woken = 0;
  const failures: unknown[] = [];
  await forEachConcurrent(deps.parks.ofRun(run), { concurrency: CONCURRENCY }, async (park) => {
    woken += 1;
    await wake(deps, run, park).catch((error: unknown) => failures.push(error));
  });
  // One token that could not be sent keeps the intent open, but does not hold up the other tokens.
  if (failures.length > 0) throw failures[0];
  return woken;
};

/**
 * Sends the token before the park is deleted: if the process dies between the two, the token is sent twice. The other order
 * would lose the wake-up.
 */
export const wake = async (deps: RunDependencies, run: ParkOwner, park: ParkItem): Promise<void> => {
  await deps.executions.succeed(park.token, "{}");
  await deps.parks.delete(run, park);
};
