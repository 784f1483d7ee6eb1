import type { Actor } from "../actor.ts";
import { HOLD_KINDS, type HoldKind } from "./kinds.ts";

/** A reason why a flow is held. */
export interface Hold {
  /** Never used again. Everything that belongs to this hold alone has its id. */
  readonly id: string;
  readonly since: string;
  readonly by: Actor;
  readonly reason?: string;
  /** When it lifts by itself. ISO 8601. */
  readonly resumeAt?: string;
  /** Until then, runs that began before the hold go on to their end. ISO 8601. */
  readonly finishUntil?: string;
  /** The incident that it belongs to. */
  readonly incidentId?: string;
  /** Of an incident: rejects new records if it holds the whole flow. */
  readonly rejects?: true;
  /** That time is over, and the copy for gates says so. */
  readonly frozen?: boolean;
}

export type HoldMode = "queue" | "reject";

/** The holds on whole flows, at most one of each kind. To readers of release 0.1, each of them holds everything. */
export type Holds = Readonly<Partial<Record<HoldKind, Hold>>>;

/** States that a hold keeps, by name. */
export interface HeldStates {
  readonly names: readonly string[];
  /** The flow's versions in which it keeps them. Absent: in all versions. */
  readonly versions?: readonly number[];
}

/** Whether a state of that version is one of them. A version that is not known counts as each. */
export const isAmong = (
  { names, versions }: HeldStates,
  version: number | undefined,
  state: string,
): boolean =>
  names.includes(state) && (versions === undefined || version === undefined || versions.includes(version));

/** A hold that keeps some states only. Everything else goes on, and new records start. */
export interface PartialHold extends Hold {
  readonly kind: HoldKind;
  readonly mode: HoldMode;
  readonly states: readonly HeldStates[];
  /** Those that no gate holds, in some version with open runs. */
  readonly unheld?: readonly string[];
}

export const MAX_PARTIAL_HOLDS = 10;

/** Returns the names of the states that a hold keeps; undefined if it keeps everything. */
export const heldNames = ({ states }: Pick<StandingHold, "states">): string[] | undefined =>
  states && [...new Set(states.flatMap(({ names }) => names))];

/** The partial holds of a flow, by id. They are not among `Holds`, because older readers take each of those for a hold on everything. */
export type PartialHolds = Readonly<Record<string, PartialHold>>;

/** A hold of the flow's set, whole or partial. */
export type StandingHold = Hold &
  Pick<PartialHold, "kind" | "mode"> &
  Partial<Pick<PartialHold, "states" | "unheld">>;

const wholeMode = (kind: HoldKind, { rejects }: Hold, mode: HoldMode): HoldMode =>
  kind === "manual" ? mode : rejects === true ? "reject" : "queue";

/** Returns all holds of a flow: the whole ones, in the order of their kinds, then the partial ones, oldest first. */
export const standingHolds = (flow: {
  readonly holds: Holds;
  readonly mode: HoldMode;
  readonly partialHolds?: PartialHolds;
}): readonly StandingHold[] => {
  const whole = HOLD_KINDS.flatMap((kind) => {
    const hold = flow.holds[kind];
    return hold === undefined ? [] : [{ ...hold, kind, mode: wholeMode(kind, hold, flow.mode) } as const];
  });
  const partial = Object.values(flow.partialHolds ?? {});
  return [...whole, ...partial.sort((a, b) => (a.since < b.since ? -1 : 1))];
};
