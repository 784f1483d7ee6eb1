import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { childrenOf, parksOfChildren } from "./map-runs.ts";
import type { SettledStep } from "./settle-steps.ts";
import { visitsOfSteps } from "./step-history.ts";

/**
 * Adds to the steps of Distributed Maps how many of their children are where. The counts of a Map that has ended no longer change and
 * are stored. If the process dies before that, the next reader counts again.
 */
export const withChildren = async (
  deps: RunDependencies,
  run: RunItem,
  settled: readonly SettledStep[],
): Promise<readonly SettledStep[]> => {
  const wanted = settled
    .filter(({ step }) => step.distributed === true && step.children === undefined)
    .map(({ step }) => step);
  if (wanted.length === 0) return settled;
  const visits = await visitsOfSteps(deps, run, { all: settled.map(({ step }) => step), wanted });
  const parks = settled.some(({ step, end }) => step.distributed === true && end === undefined)
    ? await parksOfChildren(deps, run)
    : [];
  return Promise.all(
    settled.map(async (one) => {
      const { step, end } = one;
      const arn = wanted.includes(step) ? visits.get(step.stepId)?.mapRunArn : undefined;
      const state = arn === undefined ? undefined : await deps.executions.mapRun(arn);
      if (state === undefined) return one;
      const children = childrenOf(step.name, state, end === undefined ? parks : []);
      const isFinal = end !== undefined && state.running + state.pending === 0;
      if (isFinal) await deps.steps.keepChildren(run.workspace, run.runId, step.stepId, children);
      return { ...one, step: { ...step, children } };
    }),
  );
};
