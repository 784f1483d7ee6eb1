export const ACTOR_KINDS = ["user", "client", "schedule", "cap", "system"] as const;

/** Who did it. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

/** Sluice itself. */
export const SYSTEM: Actor = { kind: "system", id: "sluice" };
