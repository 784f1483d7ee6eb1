/** Who makes calls: one of the operations, by its place, or Sluice's own machinery behind them. */
export type ActorName = number | "background";

/** What may befall a call, or the process that makes it. */
export const MISHAPS = ["dies before", "dies after", "fails", "loses its answer", "is tried again"] as const;
export type FaultKind = (typeof MISHAPS)[number];

/** The n-th call of an actor, from 1 on, and what befalls it. */
export interface Fault {
  readonly kind: FaultKind;
  readonly actor: ActorName;
  readonly call: number;
}

export const faultAt = (
  mishap: Fault | undefined,
  place: { readonly actor: ActorName; readonly call: number },
): FaultKind | undefined =>
  mishap?.actor === place.actor && mishap.call === place.call ? mishap.kind : undefined;
