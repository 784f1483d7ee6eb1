import { latestStart } from "./finish.ts";
import { type HoldSet, type KeptRun, keeps } from "./keeps.ts";

/** The attributes with which a run may go on although its flow is held. */
export interface Pass {
  /** The run goes along with this canary. */
  readonly canary?: string;
  /** The run began at this time or earlier. ISO 8601. */
  readonly startedAt?: string;
}

/**
 * Returns what a run needs to enter a held state now; undefined if no run may. A gate compares it in the write with which a run enters its
 * step, instead of reading the run first.
 */
export const passFor = (flow: HoldSet, state: string, now: number): Pass | undefined => {
  const holds = [...Object.values(flow.holds), ...Object.values(flow.finishing ?? {})];
  const [startedAt] = holds.flatMap((hold) => (hold && latestStart(hold, now)) ?? []).sort();
  const begun = startedAt === undefined ? {} : { startedAt };
  const along = flow.canary === undefined ? {} : { canary: flow.canary.id };
  const passes = (run: KeptRun): boolean => keeps(flow, run, undefined, state, now) === undefined;
  return [begun, along, { ...begun, ...along }].find(passes);
};
