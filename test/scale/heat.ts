import { digest } from "../../shared/model/ids.ts";
import { type SlotEntry, type Unit, unitsOfRun } from "./run-life.ts";

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
  /** The keys of each flow's concurrency limit, if it has one. */
  readonly keys?: number;
  /** Whether every record waits for a slot. */
  readonly waits?: boolean;
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

/** The way to a slot of a flow's run, by its number from 0: the runs are spread evenly over the keys. */
const entryOf = ({ keys = 0, waits = false }: Mix, nth: number): SlotEntry | undefined =>
  keys === 0 ? undefined : { key: digest("key", String(nth % keys)), isFirst: !waits && nth < keys, waits };

/** The way to a slot of a run that is neither the first of its key nor follows one, if the flow has few keys. */
export const usualEntry = (mix: Mix): SlotEntry | undefined => entryOf(mix, SAMPLE);

/** Runs spread evenly over the flows, and the partitions that consume their units, with the hottest of each part. */
export const hottest = (mix: Mix): readonly Heat[] => {
  const { workspaces, flows, steps } = mix;
  const counts = new Map<string, { unit: Unit; units: number }>();
  const owners = workspaces * flows;
  // The same number of runs for each flow, so that chance makes none hotter than the others.
  const runs = Math.ceil(SAMPLE / owners) * owners;
  for (let i = 0; i < runs; i += 1) {
    const workspace = `workspace-${i % workspaces}`;
    const flow = Math.floor(i / workspaces) % flows;
    const owner = { workspace, flowId: `flow-${flow}`, incarnation: "incarnation", user: "ann" };
    for (const unit of unitsOfRun(owner, steps, NOW + i, entryOf(mix, Math.floor(i / owners)))) {
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
