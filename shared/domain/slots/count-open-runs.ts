import type { OpenRunsPlace } from "../../model/machines/loop-machine.ts";
import type { ConcurrencyCap } from "../../model/schemas/flow.ts";
import { isTerminal, RUN_STATUSES } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { type RunIndex, sourcesFor } from "../../store/runs/run-index.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { slotKeyOf } from "./slot-key.ts";
import { claimAt, slotsDueAfter } from "./slot-times.ts";

export type CountDependencies = RunDependencies & { readonly runIndex: RunIndex };

/** At most so many runs hold slots of one key, whatever its limit is: their names are in one item. */
const MAX_COUNTED = 1_000;
const PAGE = 100;
const CONCURRENCY = 10;
const OPEN = RUN_STATUSES.filter((status) => !isTerminal(status));

interface Pass {
  /** Where an earlier call stopped. */
  readonly from: OpenRunsPlace | undefined;
  readonly mayContinue: () => Promise<boolean>;
}

/** A pass over the runs under way. */
export interface CountedRuns {
  /** Where it stopped; undefined if it is done. */
  readonly rest?: OpenRunsPlace;
  /** Whether a slot has come free, for which others may wait. */
  readonly hasFreed: boolean;
}

/**
 * Gives the runs that are under way slots of the flow's new limit, also above it, so that nothing new starts until enough of them have
 * ended. Every run that it misses passes a gate later, which does the same: one that the index does not list yet, or that changes its status
 * meanwhile.
 */
export const countOpenRuns = async (
  deps: CountDependencies,
  flow: FlowItem,
  { from, mayContinue }: Pass,
): Promise<CountedRuns> => {
  const { concurrency: cap } = flow.caps;
  let hasFreed = false;
  if (cap == null) return { hasFreed };
  const sources = sourcesFor(flow.workspace, { status: OPEN });
  for (const [nth, source] of sources.entries()) {
    if (nth < (from?.source ?? 0)) continue;
    let before = nth === from?.source ? from.before : undefined;
    do {
      if (!(await mayContinue()))
        return { hasFreed, rest: { source: nth, ...(before === undefined ? {} : { before }) } };
      const { runs, next } = await deps.runIndex.page(source, { before }, PAGE);
      const own = runs.filter(({ flowId }) => flowId === flow.flowId).map(({ runId }) => runId);
      const read = await deps.runIndex.read(flow.workspace, own);
      const found = read.filter(({ incarnation }) => incarnation === flow.incarnation);
      await forEachConcurrent(found, { concurrency: CONCURRENCY }, async (run) => {
        const { freed } = await countRun(deps, run, cap);
        hasFreed ||= freed !== undefined;
      });
      before = next === undefined ? undefined : runs.at(-1)?.position;
    } while (before !== undefined);
  }
  return { hasFreed };
};

/** A run after it was counted, and the key of a slot that it does not need, which the caller passes on. */
export interface CountedRun {
  readonly run: RunItem;
  readonly freed?: string;
}

/**
 * Gives the run a slot of the limit, if it is under way: (1) claims it, (2) writes it to the run, (3) releases the slot of another key that
 * it had, or the claim if the run has ended meanwhile, (4) reads the limit. If that has another key by now, all is repeated: whoever set it has
 * either counted the run before (2), or finds this slot. If the process dies before (2) or (3), the sweeper gives back the claim that is not
 * the run's.
 */
export const countRun = (deps: RunDependencies, found: RunItem, cap: ConcurrencyCap): Promise<CountedRun> => {
  let run = found;
  return retryOnConflict<CountedRun>(
    deps,
    async () => {
      const { workspace, runId, slot } = run;
      const payload = isUnderWay(run) ? await deps.runs.payload(workspace, runId) : undefined;
      if (payload === undefined) return { run }; // without a payload, it has been deleted in the meantime
      const key = await slotKeyOf(cap, payload);
      if (slot?.key === key.id) return { run };
      const since = slot && (await deps.slots.get(run, slot.key))?.holders[runId];
      const now = deps.clock.now();
      const claim = claimAt(now, { runId, limit: MAX_COUNTED, behindOthers: false });
      if (!(await deps.slots.claim(run, key, claim)).ok) return { run };
      const written = await deps.runs.takeSlot(run, key.id);
      const current = written.ok ? written.run : (written.current ?? run);
      if (!written.ok && isUnderWay(current) && current.slot?.key === slot?.key) {
        run = current;
        return "conflict";
      }
      if (!written.ok) {
        // Somebody may be about to write this claim to a run that is under way: the sweeper gives it back.
        if (isUnderWay(current) || current.slot?.key === key.id) return { run: current };
        await deps.slots.release(run, key.id, runId, slotsDueAfter(now));
        return { run: current, freed: key.id };
      }
      // Not what another change of the limit, back to that key, has claimed meanwhile.
      const isFreed = since !== undefined && (await deps.slots.reclaim(run, slot?.key ?? "", runId, since));
      const hold = await deps.holds.get(workspace, run.flowId, run.incarnation);
      const latest = hold?.caps?.concurrency;
      if (latest != null && latest.key !== cap.key) return countRun(deps, current, latest);
      return { run: current, ...(isFreed && slot !== undefined ? { freed: slot.key } : {}) };
    },
    () => new Error("The run changes too fast to be given a slot"),
  );
};

/** A run in a queue has begun nothing, unless it waits there with its slot. */
const isUnderWay = ({ status, deleted, queuedAt, slot }: RunItem): boolean =>
  deleted !== true && !isTerminal(status) && (queuedAt === undefined || slot !== undefined);
