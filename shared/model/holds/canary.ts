import type { Actor } from "../actor.ts";
import type { AskedRamp } from "./ramp.ts";

export const CANARY_STATES = ["running", "passed", "failed"] as const;
type CanaryState = (typeof CANARY_STATES)[number];

/** A resume that lets a few runs go first. The holds stay until those have completed, or wait for a timer or a person. */
export interface Canary {
  readonly id: string;
  /** The ids of the holds that it exempts its runs from, and lifts in the end. */
  readonly holds: readonly string[];
  readonly state: CanaryState;
  /** How many runs were asked for. */
  readonly count: number;
  /** ISO 8601. */
  readonly since: string;
  /** When it fails, if its runs are not through by then. ISO 8601. */
  readonly until: string;
  readonly by: Actor;
  /** Its runs. One that somebody cancels, deletes or pauses is replaced by the next. */
  readonly runs: readonly string[];
  /** How many of them are through. */
  readonly through: number;
  /** Rises with each change of its runs, so that two drains do not choose different ones. */
  readonly round: number;
  /** Why it failed. */
  readonly reason?: string;
  /** The resume that follows. */
  readonly drainRate?: number;
  readonly ramp?: AskedRamp;
}

/** The part of a canary that gates compare. */
export type Exemption = Pick<Canary, "id" | "holds">;
