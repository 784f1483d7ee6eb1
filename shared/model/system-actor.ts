import type { Actor } from "./actor.ts";

/** Sluice itself. Apart from the schemas: task functions need no schema library for it. */
export const SYSTEM: Actor = { kind: "system", id: "sluice" };
