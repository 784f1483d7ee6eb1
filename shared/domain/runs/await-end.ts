import type { Run } from "../../model/schemas/run.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { readEnded } from "./read-run.ts";

/** Milliseconds between two looks at the run: short at first, since most runs that someone waits for are short. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.5;

/**
 * Returns the run when it has ended, or undefined if it has not after `seconds`. Looks at least twice. `sleep`: real time, even if the
 * stack's clock is moved. Writes nothing but an output that it reads from the execution.
 */
export const awaitEnd = async (
  deps: RunDependencies,
  { workspace, runId }: Pick<RunItem, "workspace" | "runId">,
  {
    seconds,
    sleep,
  }: { readonly seconds: number; readonly sleep: (milliseconds: number) => Promise<unknown> },
): Promise<Run | undefined> => {
  let left = seconds * 1_000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * GROWTH)) {
    const run = await deps.runs.get(workspace, runId);
    if (run === undefined || run.deleted === true) return undefined;
    if (isTerminal(run.status)) return readEnded(deps, run);
    if (left <= 0) return undefined;
    const next = Math.min(pause, left);
    await sleep(next);
    left -= next;
  }
};
