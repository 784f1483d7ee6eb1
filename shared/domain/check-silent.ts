import { iso } from "../model/clock.ts";
import { executionArn } from "../model/machine-names.ts";
import type { RunRecord } from "../store/records.ts";
import { closeRun } from "./close-run.ts";
import type { Engine } from "./engine.ts";

const FIRST_LOOK_MS = 5 * 60_000;
const LAST_LOOK_MS = 86_400_000;

/** When a run last gave a sign of life. */
const lastSign = (run: RunRecord): number =>
  Math.max(Date.parse(run.updatedAt), Date.parse(run.currentStep?.entered ?? run.updatedAt));

/**
 * Events of executions may be lost, so a run that has been silent for long is looked up, ever more rarely
 * (DescribeExecution's quota is about 15 a second). An execution that cannot be found says nothing: it may be about to start.
 */
export const checkSilent = async (engine: Engine, run: RunRecord): Promise<void> => {
  const now = engine.clock.now();
  const silent = Math.max(now - lastSign(run), 0);
  if (silent >= FIRST_LOOK_MS) {
    engine.metrics.count("silentRunsLooked");
    const state = await engine.executions.describe(executionArn(engine.statesArnPrefix, run));
    if (state !== undefined && state.status !== "RUNNING") {
      engine.metrics.count("silentRunsClosed");
      await closeRun(engine, run, state);
      return;
    }
  }
  const wait = silent < FIRST_LOOK_MS ? FIRST_LOOK_MS - silent : Math.min(silent, LAST_LOOK_MS);
  await engine.runs.note(run, { set: { checkAt: iso(now + wait) } });
};
