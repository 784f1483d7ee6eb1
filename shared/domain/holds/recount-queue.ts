import { keeps } from "../../model/holds/keeps.ts";
import { digest } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import { type Shard, sumOf } from "../../store/flows/counters.ts";
import type { FlowItem, Recount } from "../../store/flows/flow-item.ts";
import type { QueueItem } from "../../store/flows/queues.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { type DrainDependencies, logFields } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { isQueued } from "../runs/queued-run.ts";

/** A longer queue is not recounted, since each record costs a read. Its drain ends with a count of zero. */
const MAX_RECORDS = 5_000;
const CONCURRENCY = 25;
const LAST_RECOUNT_MS = 86_400_000;

/**
 * Corrects the queue's counter after a process died between a change of the queue and its count. Every writer counts moments
 * after its change, so a difference is an error only if neither queue nor counter has changed for longer than any writer lives.
 * The correction is an addition, which is refused if the counter has been written since. If the process dies after it, the next
 * recount finds both equal. Returns the number added.
 */
export const recountQueue = async (
  deps: DrainDependencies,
  flow: FlowItem & { readonly recount: Recount },
): Promise<number> => {
  const found = await measure(deps, flow);
  const apart = found === undefined ? 0 : found.off;
  const proved = found !== undefined && apart !== 0 && found.mark === flow.recount.seen;
  const added = proved && (await deps.counters.correct(flow, found.shards, apart)) ? apart : 0;
  if (added !== 0) deps.log.info("Corrected the queue's counter", { ...logFields(flow), by: added });
  const agreed = apart === added;
  const now = deps.clock.now();
  const next = following(flow, now, agreed ? undefined : found?.mark);
  const queued = added + sumOf(found?.shards ?? (await deps.counters.read(flow)));
  if (hasGrown(flow, queued, now)) deps.metrics.count("heldQueuesGrowing");
  await deps.flows.rescheduleRecount(flow, next && { ...next, queued });
  return added;
};

const LONG_MS = 86_400_000;

/** Whether the flow has been held for more than a day, and its queue is longer than at the last count. */
const hasGrown = ({ holds, recount }: FlowItem, queued: number, now: number): boolean =>
  Object.values(holds).some(({ since }) => now - Date.parse(since) >= LONG_MS) &&
  recount?.queued !== undefined &&
  queued > recount.queued;

/**
 * Returns the time of the next recount. While a flow is held, the intervals grow; the queue of a flow that is not held no
 * longer changes.
 */
const following = (flow: FlowItem, now: number, seen: string | undefined): Recount | undefined => {
  if (seen !== undefined) return { ...nextRecount(now), seen };
  if (keeps(flow, undefined, undefined, undefined, now) === undefined) return undefined;
  const since = Object.values(flow.holds).map((hold) => Date.parse(hold.since));
  const held = Math.max(now - Math.max(...since), LATE_WRITER_MS);
  return { due: iso(now + Math.min(held, LAST_RECOUNT_MS)) };
};

interface Found {
  /** The number of queued records that the counter is missing. */
  readonly off: number;
  readonly shards: readonly Shard[];
  /** A digest of the queue's records and the counter's writes. */
  readonly mark: string;
}

/**
 * Compares the queue with its counter; undefined if the queue is too long. The run decides whether its record is queued:
 * records of runs that left the queue may linger.
 */
const measure = async (deps: DrainDependencies, flow: FlowItem): Promise<Found | undefined> => {
  const shards = await deps.counters.read(flow);
  const records = await deps.queues.head(flow, MAX_RECORDS + 1);
  if (records.length > MAX_RECORDS) return undefined;
  const waiting: boolean[] = new Array(records.length);
  await forEachConcurrent(records, { concurrency: CONCURRENCY }, async (record, index) => {
    waiting[index] = await isStillQueued(deps, flow, record);
  });
  const queued = waiting.filter(Boolean).length;
  const mark = digest(
    ...shards.map(({ PK, writes }) => `${PK} ${writes}`),
    ...records.map(({ runId, nonce }, index) => `${runId} ${nonce} ${waiting[index]}`),
  );
  return { off: queued - sumOf(shards), shards, mark };
};

const isStillQueued = async (
  deps: DrainDependencies,
  { workspace }: FlowItem,
  { runId, time }: QueueItem,
): Promise<boolean> => {
  const run = await deps.runs.get(workspace, runId);
  return run !== undefined && run.deleted !== true && isQueued(run) && run.queuedAt === time;
};

/** The first recount of a queue after a change of the flow's holds or the end of a drain. `now`: epoch milliseconds. */
export const nextRecount = (now: number): Recount => ({ due: iso(now + LATE_WRITER_MS) });
