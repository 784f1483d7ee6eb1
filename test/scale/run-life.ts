import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { newIntent } from "../../shared/domain/runs/intents.ts";
import { ending } from "../../shared/domain/runs/status-change.ts";
import { slotsDueAfter } from "../../shared/domain/slots/slot-times.ts";
import { SYSTEM } from "../../shared/model/actor.ts";
import { type IdSource, idempotentRunId } from "../../shared/model/ids.ts";
import { iso } from "../../shared/model/time/clock.ts";
import type { Transition } from "../../shared/model/transitions.ts";
import { queuePlace } from "../../shared/store/flows/queues.ts";
import type { Item } from "../../shared/store/keys.ts";
import { keys } from "../../shared/store/keys.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import { applyChanges, type Patch } from "../../shared/store/runs/status-change.ts";
import { newItem } from "../../shared/store/runs/stored-run.ts";
import { slotItemKey, slotsDue } from "../../shared/store/slots/slot-item.ts";
import { slotQueueKey } from "../../shared/store/slots/slot-queue.ts";
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
/** A run's way to a slot of its flow's concurrency limit. */
export interface SlotEntry {
  /** Id of its key. */
  readonly key: string;
  /** The key had no item before. */
  readonly isFirst: boolean;
  /** It waits for its slot, and so do others after it. */
  readonly waits: boolean;
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

/** A claim writes the key's item, also if it is refused. The first of a key is refused, then creates the item. */
const claimUnits = (owner: Owner, { key, isFirst }: SlotEntry, now: number): Unit[] => {
  const item = slotItemKey(owner, key);
  const due = slotsDue(key, slotsDueAfter(now));
  return isFirst ? [write(item), write(item), ...indexWrites(undefined, { ...item, ...due })] : [write(item)];
};

/**
 * The units of a run's whole undisturbed life, in order: its dispatch, a gate before each step, its end. `entry`: if its flow has a
 * concurrency limit. Every item is under 1 KB. The run, its keys and its index writes come from the store's own functions.
 */
export const unitsOfRun = (owner: Owner, steps: number, now: number, entry?: SlotEntry): readonly Unit[] => {
  const { workspace, flowId, incarnation, user } = owner;
  const runId = IDS.runId(now);
  const units: Unit[] = [];
  let record: RunItem = newRun(
    {
      ...{ runId, workspace, flowId, incarnation, version: 1, runAs: "system" },
      startedBy: { kind: "user", id: user },
      ...(entry === undefined ? {} : entry.waits ? { waitsFor: entry.key } : { slot: { key: entry.key } }),
    },
    now,
    IDS,
    { queued: entry?.waits === true, followsActive: true },
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
  if (entry !== undefined) units.push(...claimUnits(owner, entry, now));
  units.push(write(run), write(run), write(run), write(run), ...indexWrites(undefined, newItem(record)));
  if (entry?.waits === true) {
    const slots = write(slotItemKey(owner, entry.key));
    const queued = slotQueueKey(owner, entry.key, queuePlace(record, iso(now)));
    // Its place in the queue, in the same transaction; the mark that it waits; the limit; the run as it is then.
    units.push(write(queued), write(queued), slots, read(hold), read(run));
    // Its turn: the run, the claim, the active version, the write, the payload for the start, its place in the queue.
    units.push(read(run), slots, read(keys.flow(workspace, flowId)));
    const intent = newIntent(["start"], undefined, now, IDS);
    const turn = { slot: { key: entry.key }, updatedAt: iso(now), intent };
    change([], { set: turn, remove: ["waitsFor", "queuedAt"] }, now);
    units.push(read(run), write(queued));
  }
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
  if (entry !== undefined) {
    const { PK } = slotQueueKey(owner, entry.key, queuePlace(record, iso(now)));
    units.push(write(slotItemKey(owner, entry.key)), read(hold), read({ PK }));
    // After the turn of the next run, one more is read, and its claim is refused.
    if (entry.waits) units.push(read(run), write(slotItemKey(owner, entry.key)));
    change([], { remove: ["slot"] }, at);
  }
  return units;
};
