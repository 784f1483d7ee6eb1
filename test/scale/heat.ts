import { type Unit, unitsOfRun } from "./run-life.ts";

/** The incoming load. */
export interface Mix {
  readonly workspaces: number;
  /** Per workspace. */
  readonly flows: number;
  /** Per run. */
  readonly steps: number;
  /** Duration of a step in seconds, in its function and waiting for it. */
  readonly stepSeconds: number;
  /** The share of runs whose history is read when they are closed, because they caught an error or failed before a gate. */
  readonly historiesRead: number;
}

/** The hottest partition of one of the table's parts, in units per run of the whole mix. */
export interface Heat {
  readonly of: Unit["of"];
  readonly kind: Unit["kind"];
  readonly key: string;
  readonly perRun: number;
}

const SAMPLE = 1_000;
const NOW = Date.UTC(2026, 0, 1);

/** Runs spread evenly over the flows, and the partitions that consume their units, with the hottest of each part. */
export const hottest = ({ workspaces, flows, steps }: Mix): readonly Heat[] => {
  const counts = new Map<string, { unit: Unit; units: number }>();
  const owners = workspaces * flows;
  // The same number of runs for each flow, so that chance makes none hotter than the others.
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
    // The units that a run consumes in its own partition are spread like the runs.
    if (of === "table" && key.includes("#R#")) continue;
    const perRun = units / runs;
    const known = found.get(`${of} ${kind}`);
    if (known === undefined || perRun > known.perRun) found.set(`${of} ${kind}`, { of, kind, key, perRun });
  }
  return [...found.values()];
};
