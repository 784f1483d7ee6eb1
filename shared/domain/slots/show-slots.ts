import type { FlowSlots, KeySlots } from "../../model/schemas/slots.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunIndex } from "../../store/runs/run-index.ts";
import { type SlotItem, usedSlots } from "../../store/slots/slot-item.ts";
import type { RunDependencies } from "../deps.ts";
import { isKeyOf } from "./slot-key.ts";

export type SlotReaders = Pick<RunDependencies, "slots" | "slotQueues"> & { readonly runIndex: RunIndex };

/** Above these numbers, the figures are lower bounds, so that the call takes bounded time. */
const MAX_KEYS = 2_000;
const MAX_WAITING = 10_000;
const MAX_RUNS = 2_000;
const FULLEST = 10;

/** The keys of the current limit, and those of an earlier one for which runs still wait. */
interface Found {
  readonly current: readonly SlotItem[];
  readonly all: readonly SlotItem[];
  readonly isPartial: boolean;
}

/** Returns the slots of a flow; undefined without a concurrency limit. Nothing is read for a flow that never had one. */
export const flowSlots = async (deps: SlotReaders, flow: FlowItem): Promise<FlowSlots | undefined> =>
  flow.caps.concurrency == null ? undefined : (await readSlots(deps, flow)).total;

/** Returns the slots of a flow, and the keys with the most runs that hold or await one. */
export const fullestKeys = async (
  deps: SlotReaders,
  flow: FlowItem,
): Promise<{ readonly total: FlowSlots; readonly keys: readonly KeySlots[] }> => readSlots(deps, flow);

const readSlots = async (deps: SlotReaders, flow: FlowItem) => {
  const found = await findKeys(deps, flow);
  const paused = await pausedHolders(deps, flow, found.current);
  let left = MAX_WAITING;
  const waiting = new Map<string, number>();
  for (const { id, waiting: mark } of found.all) {
    if (mark === undefined || left <= 0) continue;
    const count = await deps.slotQueues.count(flow, id, left);
    waiting.set(id, count);
    left -= count;
  }
  const keys = found.current.map((slots): KeySlots => {
    const { id, key, holders } = slots;
    return {
      ...(key === undefined ? {} : { key }),
      used: usedSlots(slots),
      paused: Object.keys(holders).filter((runId) => paused.has(runId)).length,
      waiting: waiting.get(id) ?? 0,
    };
  });
  const used = sum(keys.map((key) => key.used));
  const isPartial = found.isPartial || left <= 0 || used > MAX_RUNS;
  const total: FlowSlots = {
    limit: flow.caps.concurrency?.limit ?? null,
    ...{ used, paused: paused.size, waiting: sum([...waiting.values()]) },
    ...(isPartial ? { atLeast: true } : {}),
  };
  return { total, keys: keys.sort((a, b) => fullness(b) - fullness(a)).slice(0, FULLEST) };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const fullness = ({ used, waiting }: KeySlots): number => used + waiting;

const findKeys = async (deps: SlotReaders, flow: FlowItem): Promise<Found> => {
  const all: SlotItem[] = [];
  let isPartial = false;
  for await (const slots of deps.slots.ofFlow(flow)) {
    isPartial = all.length >= MAX_KEYS;
    if (isPartial) break;
    if (usedSlots(slots) > 0 || slots.waiting !== undefined) all.push(slots);
  }
  return { all, isPartial, current: all.filter((slots) => isKeyOf(slots, flow.caps.concurrency)) };
};

const pausedHolders = async (
  deps: SlotReaders,
  { workspace }: FlowItem,
  keys: readonly SlotItem[],
): Promise<ReadonlySet<string>> => {
  const runIds = keys.flatMap(({ holders }) => Object.keys(holders)).slice(0, MAX_RUNS);
  const runs = await deps.runIndex.read(workspace, runIds);
  return new Set(runs.filter(({ status }) => status === "paused").map(({ runId }) => runId));
};
