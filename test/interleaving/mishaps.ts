import type { ActorName } from "./stage.ts";

/** What may befall a call, or the process that makes it. */
export const MISHAPS = ["dies before", "dies after", "fails", "loses its answer", "is tried again"] as const;
export type MishapKind = (typeof MISHAPS)[number];

/** The n-th call of an actor, from 1 on, and what befalls it. */
export interface Mishap {
  readonly kind: MishapKind;
  readonly actor: ActorName;
  readonly call: number;
}

export const mishapAt = (
  mishap: Mishap | undefined,
  place: { readonly actor: ActorName; readonly call: number },
): MishapKind | undefined =>
  mishap?.actor === place.actor && mishap.call === place.call ? mishap.kind : undefined;
