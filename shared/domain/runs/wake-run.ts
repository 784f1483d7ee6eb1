import { type Kept, keeps } from "../../model/holds/keeps.ts";
import type { ParkItem, ParkOwner } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { RunDependencies } from "../deps.ts";

/** Tokens sent at the same time. */
const CONCURRENCY = 10;

/**
 * Sends the task tokens of the run. Each wakes a gate, which decides again. Called after the write that lifts the pause: a gate
 * that parks later sees that write and wakes itself. Branches that stand at a held state stay: their gates would not change the
 * run's status, and whoever lifts the hold finds them. Returns the number of tokens.
 */
export const wakeRun = (deps: RunDependencies, run: RunItem): Promise<number> =>
  wakeExcept(deps, run, { mayStay: ({ path }) => path !== "", stays: ({ partly }) => partly });

/** Sends the task tokens of a run whose wake-up may have been lost, except where a hold still keeps it. */
export const wakeUnkept = (deps: RunDependencies, run: RunItem): Promise<number> =>
  wakeExcept(deps, run, { mayStay: () => true, stays: () => true });

interface Exceptions {
  mayStay(park: ParkItem): boolean;
  stays(kept: Kept): boolean;
}

/**
 * The hold is read only for parks of holds, and after them: a park that stays is one that whoever lifts that hold finds, because it was
 * there before.
 */
const wakeExcept = async (deps: RunDependencies, run: RunItem, but: Exceptions): Promise<number> => {
  let hold: ReturnType<typeof deps.holds.get> | undefined;
  const isKept = async (park: ParkItem): Promise<boolean> => {
    if (park.holder !== "flow" || !but.mayStay(park)) return false;
    hold ??= deps.holds.get(run.workspace, run.flowId, run.incarnation);
    const kept = keeps(await hold, run, park.version ?? run.version, park.state, deps.clock.now());
    return kept !== undefined && but.stays(kept);
  };
  let woken = 0;
  const failures: unknown[] = [];
  await forEachConcurrent(deps.parks.ofRun(run), { concurrency: CONCURRENCY }, async (park) => {
    if (await isKept(park)) return;
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
