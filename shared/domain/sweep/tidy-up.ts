import { iso } from "../../model/time/clock.ts";
import type { RunKey } from "../../store/due.ts";
import { forEachConcurrent, roundRobin } from "../concurrency.ts";
import type { SweepDependencies } from "../deps.ts";
import { expireRun } from "../runs/delete-run.ts";
import { laterIntent } from "../runs/intents.ts";
import { settleTombstone } from "../runs/purge-run.ts";

export interface TidyLimits {
  /** Nothing new is started after this time. The next sweep continues. */
  readonly budgetMs: number;
  readonly concurrency: number;
}

const DAY_MS = 86_400_000;

/**
 * Deletes what nobody waits for: tombstones whose last writer has ended, then runs past their workspace's retention. The index
 * only points to candidates, in order of time, so that nothing is read before it is due. Shards and workspaces take turns.
 */
export const tidyUp = async (deps: SweepDependencies, limits: TidyLimits): Promise<void> => {
  const until = deps.clock.now() + limits.budgetMs;
  const mayContinue = (): boolean => deps.clock.now() < until;
  const pool = { concurrency: limits.concurrency, mayContinue };
  const now = iso(deps.clock.now());
  const tombstones = roundRobin(deps.due.tombstones(now));
  await forEachConcurrent(tombstones, pool, (run) => tombstone(deps, run, now));
  if (mayContinue())
    await forEachConcurrent(roundRobin(await expired(deps)), pool, (run) => expire(deps, run));
};

const tombstone = async (deps: SweepDependencies, key: RunKey, now: string): Promise<void> => {
  const run = await deps.runs.get(key.workspace, key.runId);
  if (run?.deleted !== true || run.intent === undefined || run.intent.due > now) return; // the index lags
  try {
    await settleTombstone(deps, run);
  } catch (error) {
    failed(deps, key, error);
    await deps.runs.retryIntent(run, laterIntent(run.intent, deps.clock.now())).catch(() => undefined);
  }
};

interface Expired extends RunKey {
  /** ISO 8601. */
  readonly endedBy: string;
}

const expired = async (deps: SweepDependencies): Promise<AsyncGenerator<Expired>[]> => {
  const sources: AsyncGenerator<Expired>[] = [];
  for await (const workspace of deps.workspaces.list()) {
    const { retentionDays } = await deps.settings.read(workspace);
    const endedBy = iso(deps.clock.now() - retentionDays * DAY_MS);
    for (const runs of deps.due.ended(workspace, endedBy)) sources.push(withEnd(runs, endedBy));
  }
  return sources;
};

async function* withEnd(runs: AsyncGenerator<RunKey>, endedBy: string): AsyncGenerator<Expired> {
  for await (const run of runs) yield { ...run, endedBy };
}

const expire = async (deps: SweepDependencies, run: Expired): Promise<void> => {
  try {
    await expireRun(deps, run, run.endedBy);
  } catch (error) {
    failed(deps, run, error);
  }
};

const failed = (deps: SweepDependencies, { workspace, runId }: RunKey, error: unknown): void => {
  deps.metrics.count("sweepFailures");
  deps.log.error("A deleted or expired run could not be removed", {
    workspace,
    run: runId,
    error: error as Error,
  });
};
