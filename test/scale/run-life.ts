import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { ending } from "../../shared/domain/runs/status-change.ts";
import { SYSTEM } from "../../shared/model/actor.ts";
import { type IdSource, idempotentRunId } from "../../shared/model/ids.ts";
import { iso } from "../../shared/model/time/clock.ts";
import type { Transition } from "../../shared/model/transitions.ts";
import type { Item } from "../../shared/store/keys.ts";
import { keys } from "../../shared/store/keys.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import { applyChanges, type Patch } from "../../shared/store/runs/status-change.ts";
import { newItem } from "../../shared/store/runs/stored-run.ts";
import { INDEXES } from "../../shared/store/table-definition.ts";

/** The partition key, of the table or of an index, that consumes a read or write unit. */
export interface Unit {
  readonly of: "table" | keyof typeof INDEXES;
  readonly key: string;
  readonly kind: "read" | "write";
}
/** The run's owner. */
export interface Owner {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly user: string;
}

const STEP_MS = 1_000;
/** The same in every simulation, so that the docs can state its figures. */
const IDS: IdSource = {
  runId: (now) => idempotentRunId("simulated", String(now)),
  unique: () => "a".repeat(16),
};
const read = (key: { PK: string }): Unit => ({ of: "table", key: key.PK, kind: "read" });
const write = (key: { PK: string }): Unit => ({ of: "table", key: key.PK, kind: "write" });

/** Writes to an index when an item changes: one entry, or two if its key changes. */
const indexWrites = (before: Item | undefined, after: Item): Unit[] =>
  (Object.keys(INDEXES) as (keyof typeof INDEXES)[]).flatMap((of) => {
    const { partition, sort, include } = INDEXES[of];
    const entry = (item: Item | undefined) =>
      item?.[partition] === undefined ? undefined : [item[partition], item[sort]].join(" ");
    const [old, next] = [entry(before), entry(after)];
    const unit = (item: Item | undefined): Unit => ({ of, key: String(item?.[partition]), kind: "write" });
    if (old !== next) {
      return [...(old === undefined ? [] : [unit(before)]), ...(next === undefined ? [] : [unit(after)])];
    }
    const projected = (item: Item | undefined) => JSON.stringify(include.map((name) => item?.[name]));
    return next !== undefined && projected(before) !== projected(after) ? [unit(after)] : [];
  });

/**
 * The units of a run's whole undisturbed life, in order: its dispatch, a gate before each step, its end. Every item is under 1
 * KB. The run, its keys and its index writes come from the store's own functions.
 */
export const unitsOfRun = (owner: Owner, steps: number, now: number): readonly Unit[] => {
  const { workspace, flowId, incarnation, user } = owner;
  const runId = IDS.runId(now);
  const units: Unit[] = [];
  let record: RunItem = newRun(
    {
      ...{ runId, workspace, flowId, incarnation, version: 1, runAs: "system" },
      startedBy: { kind: "user", id: user },
    },
    now,
    IDS,
  );
  const run = keys.run(workspace, runId);
  const hold = keys.hold(workspace, flowId, incarnation);
  const change = (transitions: readonly Transition[], patch: Patch, at: number): void => {
    const before = newItem(record);
    const taken = transitions.map((transition) => ({ transition, entry: { at: iso(at), actor: SYSTEM } }));
    record = applyChanges(record, taken, patch).next;
    units.push(write(run), ...indexWrites(before, newItem(record)));
  };

  // Dispatch: reads the member and the flow, counts in the meter, and writes run and payload in a transaction, which counts
  // twice.
  units.push(read(keys.member(workspace, user)), read(keys.flow(workspace, flowId)));
  units.push(write(keys.meter(workspace, flowId, incarnation, "throughput")));
  units.push(write(run), write(run), write(run), write(run), ...indexWrites(undefined, newItem(record)));
  for (let step = 0; step < steps; step += 1) {
    const at = now + step * STEP_MS;
    units.push(read(hold));
    const currentStep = { name: `Step ${step}`, stepId: `${step}`, entered: iso(at) };
    if (step === 0) {
      units.push(write(run)); // refused: the run is still pending
      const checkAt = record.intent?.due;
      const set = { startedAt: iso(at), currentStep, ...(checkAt === undefined ? {} : { checkAt }) };
      change(["begin"], { set, remove: ["intent"] }, at);
    } else {
      change([], { set: { currentStep } }, at);
    }
    units.push(write(keys.step(workspace, runId, `${step}`)));
  }
  // The end: reads the run, writes its output and its status, and reads its steps when the execution has closed.
  const at = now + steps * STEP_MS;
  const { set, remove } = ending(at);
  units.push(read(run), write(keys.output(workspace, runId)));
  change(["complete"], { set, remove }, at);
  units.push(read(run), read(run)); // and its related items; no token of it was ever parked
  return units;
};
