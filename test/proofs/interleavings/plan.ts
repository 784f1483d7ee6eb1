import type { Fault } from "../harness/fault-injector.ts";

/** The maker of a call: an operation, by its index, or Sluice's own functions in the background. */
export type ActorName = number | "background";

/** The nth call of an actor, from 1. */
export interface CallPlace {
  readonly actor: ActorName;
  readonly call: number;
}
interface PlannedFault extends CallPlace {
  readonly kind: Fault;
}

/** Everything that happens in a schedule besides its order. */
export interface Plan {
  readonly fault?: PlannedFault | undefined;
  /** A call of a slow process: it is sent only when nothing else can proceed. */
  readonly stall?: CallPlace | undefined;
  /**
   * Makes the users' steps take long. Each time that everything else is idle, the next entry says whether the next operation begins before
   * a step ends.
   */
  readonly longSteps?: readonly boolean[] | undefined;
}

export const isAt = (place: CallPlace | undefined, { actor, call }: CallPlace): boolean =>
  place?.actor === actor && place.call === call;
