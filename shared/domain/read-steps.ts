import { SluiceError } from "../model/errors.ts";
import type { Step } from "../model/run.ts";
import type { RunRecord } from "../store/records.ts";
import { existing } from "./control.ts";
import type { Engine } from "./engine.ts";
import { type SettledStep, settleSteps } from "./settle-steps.ts";
import { visitsOfSteps } from "./step-history.ts";
import { type LongTexts, stepView } from "./step-view.ts";

/** An answer of the API stays under 5 MB; steps beyond this go to the next page. */
const MAX_PAGE_BYTES = 4_000_000;

export interface StepsPage {
  readonly items: Step[];
  /** Give it as `after` for the page that follows. */
  readonly next?: string;
}

/** A page of a run's steps, oldest first. `after`: a step id, which need not exist any more. */
export const readSteps = async (
  engine: Engine,
  workspace: string,
  runId: string,
  page: { readonly limit: number; readonly after?: string },
): Promise<StepsPage> => {
  const run = existing(await engine.runs.get(workspace, runId));
  const settled = await settleSteps(engine, run);
  const { after } = page;
  const start = after === undefined ? 0 : settled.filter(({ step }) => step.stepId <= after).length;
  const chosen = settled.slice(start, start + page.limit);
  const long = await longTexts(engine, run, settled, chosen);
  const items: Step[] = [];
  let bytes = 0;
  for (const [index, one] of chosen.entries()) {
    const view = stepView(one, start + index + 1, long.get(one.step.stepId) ?? {}, true);
    bytes += Buffer.byteLength(JSON.stringify(view));
    if (bytes > MAX_PAGE_BYTES && items.length > 0) break;
    items.push(view);
  }
  const last = items.at(-1);
  const more = start + items.length < settled.length;
  return more && last !== undefined ? { items, next: last.stepId } : { items };
};

/** One step, whole. Throws `not_found`. */
export const readStep = async (
  engine: Engine,
  workspace: string,
  runId: string,
  stepId: string,
): Promise<Step> => {
  const run = existing(await engine.runs.get(workspace, runId));
  const settled = await settleSteps(engine, run);
  const index = settled.findIndex(({ step }) => step.stepId === stepId);
  const found = settled[index];
  if (found === undefined) throw new SluiceError("not_found", "There is no such step");
  const long = await longTexts(engine, run, settled, [found]);
  return stepView(found, index + 1, long.get(stepId) ?? {}, false);
};

/** What was too long for the gate or for the step's item, from the history, which is read only if something is missing. */
export const longTexts = async (
  engine: Engine,
  run: RunRecord,
  all: readonly SettledStep[],
  wanted: readonly SettledStep[],
): Promise<Map<string, LongTexts>> => {
  const missing = wanted.filter(({ step, end }) => step.input === undefined || end?.outputSize !== undefined);
  if (missing.length === 0) return new Map();
  const visits = await visitsOfSteps(
    engine,
    run,
    all.map(({ step }) => step),
    missing.map(({ step }) => step),
  );
  return new Map(
    missing.map(({ step }) => {
      const { input, output } = visits.get(step.stepId) ?? {};
      return [
        step.stepId,
        { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) },
      ];
    }),
  );
};
