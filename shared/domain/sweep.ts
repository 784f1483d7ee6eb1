import { iso } from "../model/clock.ts";
import { isTerminal } from "../model/transitions.ts";
import type { DueThing } from "../store/due.ts";
import type { RunRecord } from "../store/records.ts";
import type { BulkTools } from "./bulk-tools.ts";
import { checkSilent } from "./check-silent.ts";
import { TIMEOUT } from "./decide-gate.ts";
import { deliverAnswer } from "./deliver-answer.ts";
import { about, type Engine, type LogFields } from "./engine.ts";
import { failRun } from "./fail-run.ts";
import { type DeletionTools, sweepFlowDeletion } from "./finish-flow-deletion.ts";
import type { LiftTools } from "./hold-tools.ts";
import { laterIntent } from "./intents.ts";
import { performIntent } from "./perform-intent.ts";
import { sweepBulk } from "./sweep-bulk.ts";
import { sweepFlow } from "./sweep-flow.ts";
import { type TidyLimits, type TidyTools, tidyUp } from "./tidy-up.ts";
import { inTurn, workOff } from "./work-off.ts";

export interface SweepTools extends LiftTools, TidyTools, DeletionTools, BulkTools {}
type DueOf<Kind extends DueThing["kind"]> = Extract<DueThing, { kind: Kind }>;

export interface SweepLimits {
  /** Things of one shard in one sweep; the next one goes on. */
  readonly perShard: number;
  readonly atOnce: number;
  /** Nothing new is begun after so much time; the next sweep goes on. */
  readonly budgetMs: number;
  /** What can wait comes last, with a budget of its own. */
  readonly tidy: TidyLimits;
}

/**
 * Makes good what others left unfinished, and ends what is past its time. The index only points: every decision is made on
 * the item itself, and every redo is idempotent, so two sweeps at once do no harm. One thing's failure does not keep the others.
 */
export const sweep = async (engine: SweepTools, limits: SweepLimits): Promise<void> => {
  const begun = engine.clock.now();
  const more = (): boolean => engine.clock.now() < begun + limits.budgetMs;
  // In turn, so that a shard with much to do leaves time for the others.
  const things = inTurn(engine.due.overdue(iso(begun), limits.perShard));
  await workOff(things, limits.atOnce, (thing) => attempt(engine, thing), more);
  await tidyUp(engine, limits.tidy);
};

const attempt = async (engine: SweepTools, thing: DueThing): Promise<void> => {
  try {
    if (thing.kind === "flow") await sweepFlow(engine, thing);
    else if (thing.kind === "flow-deletion") await sweepFlowDeletion(engine, thing);
    else if (thing.kind === "bulk") await sweepBulk(engine, thing);
    else if (thing.kind === "run") await sweepRun(engine, thing);
    else await sweepAnswer(engine, thing);
  } catch (error) {
    engine.log.error("The sweep of something due failed", { ...named(thing), error: error as Error });
  }
};

const named = (thing: DueThing): LogFields => {
  const { workspace } = thing;
  if ("flowId" in thing) return { workspace, flow: thing.flowId };
  return thing.kind === "bulk" ? { workspace, bulk: thing.bulkId } : { workspace, run: thing.runId };
};

const isDue = (time: string | undefined, now: string): boolean => time !== undefined && time <= now;

const sweepRun = async (engine: Engine, thing: DueOf<"run">): Promise<void> => {
  const run = await engine.runs.get(thing.workspace, thing.runId);
  if (run === undefined || run.deleted === true) return;
  const now = engine.clock.now();
  if (run.intent !== undefined && isDue(run.intent.due, iso(now))) {
    // The next due time first: a redo that dies or fails is tried again, later each time.
    const intent = laterIntent(run.intent, now);
    if (!(await engine.runs.retryIntent(run, intent))) return;
    engine.log.info("Redoing", { ...about(run), kinds: intent.kinds.join(), tries: intent.tries });
    await performIntent(engine, { ...run, intent });
    return;
  }
  if (isTerminal(run.status)) return;
  if (isPastDeadline(run, iso(now))) return timeOut(engine, run);
  if (isDue(run.checkAt, iso(now))) return checkSilent(engine, run);
  // Nothing is due: the index lags, or two writers left an old due time, which would be looked at for ever.
  await engine.runs.note(run, {});
};

/** A paused run's deadline does not run. */
const isPastDeadline = (run: RunRecord, now: string): boolean =>
  run.status !== "paused" && isDue(run.deadline, now);

/** Ends a run that sits in a step or a wait beyond its time: the status first, then, by the intent, its execution. */
const timeOut = async (engine: Engine, run: RunRecord): Promise<void> => {
  const failed = await failRun(engine, run, TIMEOUT, {
    stop: true,
    still: (current) => isPastDeadline(current, iso(engine.clock.now())),
  });
  if (failed !== undefined) await performIntent(engine, failed);
};

const sweepAnswer = async (engine: Engine, thing: DueOf<"step">): Promise<void> => {
  const { workspace, runId, stepId } = thing;
  const step = await engine.steps.get(workspace, runId, stepId);
  const run = await engine.runs.get(workspace, runId);
  const intent = step?.human?.intent;
  const now = engine.clock.now();
  if (step === undefined || run === undefined || intent === undefined || !isDue(intent.due, iso(now))) return;
  if (!(await engine.steps.retryIntent(workspace, runId, stepId, laterIntent(intent, now)))) return;
  await deliverAnswer(engine, run, step);
};
