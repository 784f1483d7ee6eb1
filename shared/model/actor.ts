export const ACTOR_KINDS = ["user", "client", "schedule", "cap", "system"] as const;

/** The person, client or part of Sluice that made a change. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

/** The actor of changes that Sluice makes by itself. */
export const SYSTEM: Actor = { kind: "system", id: "sluice" };
