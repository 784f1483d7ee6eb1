import type { Mix } from "./heat.ts";

/** The mixes that `docs/deploy/scaling.md` describes. */
export const MIXES = {
  "one flow": { workspaces: 1, flows: 1, steps: 5, stepSeconds: 0.5, historiesRead: 0 },
  "a hundred flows": { workspaces: 10, flows: 10, steps: 5, stepSeconds: 0.5, historiesRead: 0 },
  "one key": { workspaces: 1, flows: 1, steps: 5, stepSeconds: 0.5, historiesRead: 0, keys: 1, waits: true },
  "a hundred thousand keys": {
    ...{ workspaces: 1, flows: 1, steps: 5, stepSeconds: 0.5, historiesRead: 0 },
    keys: 100_000,
  },
} as const satisfies Record<string, Mix>;
