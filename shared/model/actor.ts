export const ACTOR_KINDS = ["user", "client", "schedule", "cap", "system", "execution"] as const;

/** The person, client or part of Sluice that made a change. `execution`: the native start of an attached flow's run, with its name as the id. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly id: string;
}

/** The actor of changes that Sluice makes by itself. */
export const SYSTEM: Actor = { kind: "system", id: "sluice" };
