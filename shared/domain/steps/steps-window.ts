import { isTerminal } from "../../model/transitions.ts";
import type { RunContents } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import type { SettledStep } from "./settle-steps.ts";
import { deriveEnds, isTold } from "./step-ends.ts";

/** A window of steps whose ends are known from the stored steps; otherwise the contents, if all of them have been read. */
export type StepsWindow =
  | { readonly kind: "known"; readonly settled: readonly SettledStep[]; readonly more: boolean }
  | { readonly kind: "ask"; readonly contents?: RunContents };

/** Steps read beyond the page: usually the next step shows how a step ended. */
const BEHIND = 20;

/**
 * Reads at most `limit` steps after one of them, and as many later ones as are needed to show how they ended, so that a page of
 * a very long run costs as much as one of a short run. `ask`: an end, or an input or output that was too long for the step, is
 * only in the executions' histories.
 */
export const readWindow = async (
  deps: RunDependencies,
  run: RunItem,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<StepsWindow> => {
  const { steps, ended } = await readUntilTold(deps, run, after, limit);
  const output =
    ended && isTerminal(run.status) ? await deps.runs.output(run.workspace, run.runId) : undefined;
  const ends = deriveEnds(run, steps, output);
  const settled: SettledStep[] = [];
  for (const step of steps.slice(0, limit)) {
    const end = ends.get(step.stepId);
    if (end === "ask" || isTold(end) || step.input === undefined)
      return whole(steps, ended && after === undefined, output);
    if (typeof end === "object" && end.outputSize !== undefined) return { kind: "ask" };
    settled.push(typeof end === "object" ? { step, end } : { step });
  }
  return { kind: "known", settled, more: steps.length > limit };
};

const whole = (
  steps: readonly StepItem[],
  all: boolean,
  output: RunContents["output"] | undefined,
): StepsWindow =>
  all
    ? { kind: "ask", contents: { steps, parks: [], ...(output === undefined ? {} : { output }) } }
    : { kind: "ask" };

/** Reads until every path of the page has an end or a later step. `open`: paths whose last step has neither. */
const readUntilTold = async (
  deps: RunDependencies,
  { workspace, runId }: RunItem,
  after: string | undefined,
  limit: number,
): Promise<{ steps: StepItem[]; ended: boolean }> => {
  const steps: StepItem[] = [];
  const open = new Set<string>();
  for await (const step of deps.steps.from(workspace, runId, after, limit + BEHIND)) {
    if (steps.length < limit && step.end === undefined) open.add(step.path);
    else open.delete(step.path);
    steps.push(step);
    if (steps.length > limit && open.size === 0) return { steps, ended: false };
  }
  return { steps, ended: true };
};
