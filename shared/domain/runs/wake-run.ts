import type { ParkItem } from "../../store/records.ts";
import type { ParkOwner } from "../../store/runs/parks.ts";
import type { RunDependencies } from "../deps.ts";

/** Tokens sent at the same time. */
const AT_ONCE = 10;

/**
 * Sends every token of the run, wherever it is parked: each wakes a gate, which decides anew.
 * Called after the write that lifts the hold: a gate that parks later sees that write and wakes itself. Answers how many there were.
 */
export const wakeRun = async (deps: RunDependencies, run: ParkOwner): Promise<number> => {
  let woken = 0;
  let batch: ParkItem[] = [];
  let failure: unknown;
  const send = async () => {
    const sent = await Promise.allSettled(batch.map((park) => wake(deps, run, park)));
    woken += sent.length;
    failure ??= sent.find((one) => one.status === "rejected")?.reason;
    batch = [];
  };
  for await (const park of deps.parks.ofRun(run)) {
    batch.push(park);
    if (batch.length === AT_ONCE) await send();
  }
  await send();
  // One token that could not be sent keeps the intent open, and no other token back.
  if (failure !== undefined) throw failure;
  return woken;
};

/** Send first, delete second: a death between leaves a token that is sent twice; the other order would lose the wake. */
export const wake = async (deps: RunDependencies, run: ParkOwner, park: ParkItem): Promise<void> => {
  await deps.executions.succeed(park.token, "{}");
  await deps.parks.delete(run, park);
};
