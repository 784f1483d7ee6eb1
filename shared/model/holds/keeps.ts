import type { Exemption } from "./canary.ts";
import { type FinishingHold, letsFinish } from "./finish.ts";
import { type HeldStates, isAmong } from "./hold.ts";
import type { HoldKind } from "./kinds.ts";
import type { Ramp } from "./ramp.ts";

/** The part of a flow's holds that says what is kept: of the small copy that gates read, or of the flow itself. */
export interface HoldSet {
  readonly holds: Readonly<Partial<Record<HoldKind, WholeHold>>>;
  /** In the copy, holds that still let runs finish: inline gates of release 0.1 take each of `holds` for a hold on every run. */
  readonly finishing?: Readonly<Partial<Record<HoldKind, WholeHold>>>;
  readonly partialHolds?: Readonly<Record<string, { readonly states: readonly HeldStates[] }>>;
  readonly ramp?: Ramp;
  /** While it lasts, its runs pass its holds. */
  readonly canary?: Exemption;
}

interface WholeHold extends FinishingHold {
  readonly id: string;
  readonly rejects?: true;
}

/** The facts about a run that can exempt it from a hold. */
export interface KeptRun {
  readonly startedAt?: string;
  /** Name of its execution, if Sluice did not start it. */
  readonly execution?: string;
  /** The canary that it goes through the holds with, or the ramp that has let it begin. */
  readonly canary?: string;
}

/** The holds that keep a run at a state, or a record in the queue. */
export interface Kept {
  readonly holdIds: readonly string[];
  /** Only holds on some states keep it: the flow's other states, and new records, go on. */
  readonly partly: boolean;
}

/**
 * Returns the holds that keep a run from entering a state now; undefined if it may go on. Gates, parks, drains, the sweeper and dispatches
 * ask this and nothing else: if two of them answered differently, a run could park and be woken forever.
 * @param run undefined: the run is unknown, and no hold exempts it
 * @param version undefined: unknown, and a hold on any version counts
 * @param state undefined: a record that has not started, which only holds on the whole flow keep
 * @param now epoch milliseconds
 */
export const keeps = (
  flow: HoldSet | undefined,
  run: KeptRun | undefined,
  version: number | undefined,
  state: string | undefined,
  now: number,
): Kept | undefined => {
  if (flow === undefined) return undefined;
  const { canary } = flow;
  const passes = canary !== undefined && run?.canary === canary.id ? canary.holds : [];
  const keeping = (id: string): boolean => !passes.includes(id);
  const whole = [...Object.values(flow.holds), ...Object.values(flow.finishing ?? {})].flatMap((hold) =>
    hold === undefined || !keeping(hold.id) || letsFinish(hold, run, now) ? [] : [hold.id],
  );
  const partial = state === undefined ? [] : holdsOn(flow, version, state).filter(keeping);
  const holdIds = [...whole, ...partial];
  if (holdIds.length > 0) return { holdIds, partly: whole.length === 0 };
  return waitsForRamp(flow, run) ? { holdIds: [], partly: false } : undefined;
};

/**
 * Whether the run waits at its first gate because the drain is still slower than it will be. A record of a native execution cannot wait in
 * the queue, since its execution exists; the drain lets it begin, at its rate.
 */
export const waitsForRamp = ({ ramp }: HoldSet, run: KeptRun | undefined): boolean =>
  ramp !== undefined &&
  run?.execution !== undefined &&
  run.startedAt === undefined &&
  run.canary !== rampPass(ramp);

/** Marks a run that a ramp has let begin. */
export const rampPass = ({ era }: Pick<Ramp, "era">): string => `ramp-${era}`;

/** Whether a new record waits in the queue: a hold keeps it, or the drain is still slower than it will be. */
export const queuesRecord = (
  flow: HoldSet | undefined,
  run: KeptRun | undefined,
  version: number | undefined,
  now: number,
): boolean => flow?.ramp !== undefined || keeps(flow, run, version, undefined, now) !== undefined;

/** Whether the flow rejects new records: a person's pause or an incident says so. */
export const rejectsRecords = ({ holds, mode }: HoldSet & { readonly mode: "queue" | "reject" }): boolean =>
  (holds.manual !== undefined && mode === "reject") || holds.incident?.rejects === true;

const holdsOn = (flow: HoldSet, version: number | undefined, state: string): string[] =>
  Object.entries(flow.partialHolds ?? {}).flatMap(([id, { states }]) =>
    states.some((held) => isAmong(held, version, state)) ? [id] : [],
  );
