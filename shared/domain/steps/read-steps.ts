import type { Json } from "../../model/json/json.ts";
import { MAX_INLINE_STEP_BYTES } from "../../model/limits.ts";
import type { Step } from "../../model/schemas/run.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { HumanTask } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { existingRun, stepNotFound } from "../refusals.ts";
import { readableError } from "./failure.ts";
import { childrenOf, parksOfChildren } from "./map-runs.ts";
import { type SettledStep, settleSteps } from "./settle-steps.ts";
import { visitsOfSteps } from "./step-history.ts";
import { readWindow } from "./steps-window.ts";

/** Keeps responses of the API under 5 MB. Further steps are on the next page. */
const MAX_PAGE_BYTES = 4_000_000;

export interface StepsPage {
  readonly items: Step[];
  /** Pass it as `after` for the next page. */
  readonly next?: string;
}

/** Reads a page of a run's steps, oldest first. `after`: a position from an earlier page, whose step may have been deleted. */
export const readSteps = async (
  deps: RunDependencies,
  workspace: string,
  runId: string,
  page: { readonly limit: number; readonly after?: string },
): Promise<StepsPage> => {
  const run = existingRun(await deps.runs.get(workspace, runId));
  const { settled, before, more, long } = await stretch(deps, run, page);
  const items: Step[] = [];
  let bytes = 0;
  for (const [index, one] of (await withChildren(deps, run, settled)).entries()) {
    const view = stepView(one, before + index + 1, long.get(one.step.stepId) ?? {}, true);
    bytes += Buffer.byteLength(JSON.stringify(view));
    if (bytes > MAX_PAGE_BYTES && items.length > 0) break;
    items.push(view);
  }
  const last = items.at(-1);
  const goesOn = more || items.length < settled.length;
  return goesOn && last !== undefined ? { items, next: placeOf(last) } : { items };
};

/**
 * A position: how many steps come before the next page, and the last of them. It lets a page be read without those before it.
 */
const placeOf = ({ seq, stepId }: Step): string => `${seq}#${stepId}`;
const PLACE = /^([0-9]{1,9})#(.+)$/;

interface Stretch {
  readonly settled: readonly SettledStep[];
  /** Number of steps before the first one. */
  readonly before: number;
  readonly more: boolean;
  readonly long: ReadonlyMap<string, LongTexts>;
}

const stretch = async (
  deps: RunDependencies,
  run: RunItem,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<Stretch> => {
  const [, seq = "0", stepId] = PLACE.exec(after ?? "") ?? [];
  const window = await readWindow(deps, run, { after: stepId, limit });
  if (window.kind === "known") {
    return { settled: window.settled, before: Number(seq), more: window.more, long: new Map() };
  }
  const { contents } = window;
  const all = await settleSteps(deps, run, contents === undefined ? {} : { contents });
  const before = stepId === undefined ? 0 : all.filter(({ step }) => step.stepId <= stepId).length;
  const settled = all.slice(before, before + limit);
  const long = await longTexts(deps, run, all, settled);
  return { settled, before, more: before + limit < all.length, long };
};

export interface StepAddress {
  readonly workspace: string;
  readonly runId: string;
  readonly stepId: string;
}

/** Reads one step, with its full input and output. Throws `not_found`. */
export const readStep = async (
  deps: RunDependencies,
  { workspace, runId, stepId }: StepAddress,
): Promise<Step> => {
  const run = existingRun(await deps.runs.get(workspace, runId));
  const settled = await settleSteps(deps, run);
  const index = settled.findIndex(({ step }) => step.stepId === stepId);
  const found = settled[index];
  if (found === undefined) throw stepNotFound();
  const long = await longTexts(deps, run, settled, [found]);
  const [whole = found] = await withChildren(deps, run, [found]);
  return stepView(whole, index + 1, long.get(stepId) ?? {}, false);
};

/**
 * Returns inputs and outputs that were too long for the gate or for the step's item, from the history. It is read only if one
 * of them is missing.
 */
export const longTexts = async (
  deps: RunDependencies,
  run: RunItem,
  all: readonly SettledStep[],
  wanted: readonly SettledStep[],
): Promise<Map<string, LongTexts>> => {
  const missing = wanted.filter(({ step, end }) => step.input === undefined || end?.outputSize !== undefined);
  if (missing.length === 0) return new Map();
  const visits = await visitsOfSteps(deps, run, {
    all: all.map(({ step }) => step),
    wanted: missing.map(({ step }) => step),
  });
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

/** Inputs and outputs of a step that were too long to store, from the history. */
export interface LongTexts {
  readonly input?: string;
  readonly output?: string;
}

/** Returns a step in the API's format. In a list (`inline`), a long input or output is replaced by its size. */
const stepView = ({ step, end }: SettledStep, seq: number, long: LongTexts, inline: boolean): Step => {
  const { stepId, name, type, path, startedAt, waitingOn } = step;
  const input = step.input ?? long.input;
  const output = end?.output ?? long.output;
  const value = (text: string): Json => {
    const size = Buffer.byteLength(text);
    return inline && size > MAX_INLINE_STEP_BYTES ? { truncated: true, size } : (JSON.parse(text) as Json);
  };
  const waits = end === undefined && waitingOn !== undefined;
  return {
    stepId,
    seq,
    name,
    type,
    status: end?.status ?? (waits ? "waiting" : "running"),
    startedAt,
    input: input === undefined ? null : value(input),
    ...(path === "" ? {} : { branch: path }),
    ...(end === undefined ? {} : { endedAt: end.at }),
    ...(output === undefined ? sizeOnly(end?.outputSize) : { output: value(output) }),
    ...(end?.error === undefined
      ? {}
      : { error: { error: end.error.error, ...readableError(end.error, { frames: true }) } }),
    ...(step.human === undefined ? {} : { question: questionOf(step.human) }),
    ...(step.children === undefined ? {} : { children: step.children }),
    ...(waits ? { waitingOn: { ...waitingOn, stepId } } : {}),
  };
};

const questionOf = ({ title, assignees, assigned }: HumanTask): NonNullable<Step["question"]> => ({
  title,
  ...(assignees === undefined ? {} : { assignees: [...assignees] }),
  ...(assigned === undefined ? {} : { assigned }),
});

const sizeOnly = (size: number | undefined): Pick<Step, "output"> =>
  size === undefined ? {} : { output: { truncated: true, size } };

/**
 * Adds the numbers of children to the steps of Distributed Maps. After the Map has ended, they no longer change and are stored. If the
 * process dies before that, the next reader counts again.
 */
const withChildren = async (
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
