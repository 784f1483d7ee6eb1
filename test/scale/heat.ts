import { type Unit, unitsOfRun } from "./run-life.ts";

/** The incoming load. */
export interface Mix {
  readonly workspaces: number;
  /** In each workspace. */
  readonly flows: number;
  /** Of each run. */
  readonly steps: number;
  /** Seconds that a step takes, in its function and waiting for it. */
  readonly stepSeconds: number;
}

/** The hottest partition of one of the table's parts: units for each run of the whole mix. */
export interface Heat {
  readonly of: Unit["of"];
  readonly kind: Unit["kind"];
  readonly key: string;
  readonly perRun: number;
}

const SAMPLE = 1_000;
const NOW = Date.UTC(2026, 0, 1);

/** Runs that are spread evenly over the flows, and the partitions that their units fall on, the hottest of each part. */
export const hottest = ({ workspaces, flows, steps }: Mix): readonly Heat[] => {
  const counts = new Map<string, { unit: Unit; units: number }>();
  const owners = workspaces * flows;
  // As many runs of each flow, so that no chance makes one hotter than another.
  const runs = Math.ceil(SAMPLE / owners) * owners;
  for (let i = 0; i < runs; i += 1) {
    const workspace = `workspace-${i % workspaces}`;
    const flow = Math.floor(i / workspaces) % flows;
    const owner = { workspace, flowId: `flow-${flow}`, incarnation: "incarnation", user: "ann" };
    for (const unit of unitsOfRun(owner, steps, NOW + i)) {
      const name = `${unit.of} ${unit.kind} ${unit.key}`;
      const counted = counts.get(name) ?? { unit, units: 0 };
      counted.units += 1;
      counts.set(name, counted);
    }
  }
  const found = new Map<string, Heat>();
  for (const { unit, units } of counts.values()) {
    const { of, kind, key } = unit;
    // What one run alone takes of its own partition is spread with the runs.
    if (of === "table" && key.includes("#R#")) continue;
    const perRun = units / runs;
    const known = found.get(`${of} ${kind}`);
    if (known === undefined || perRun > known.perRun) found.set(`${of} ${kind}`, { of, kind, key, perRun });
  }
  return [...found.values()];
};
