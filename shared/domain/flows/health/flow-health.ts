import { isFinishing } from "../../../model/holds/finish.ts";
import { keeps } from "../../../model/holds/keeps.ts";
import { rampRate } from "../../../model/holds/ramp.ts";
import type { FlowHealth } from "../../../model/schemas/flow.ts";
import { iso } from "../../../model/time/clock.ts";
import type { RunStatus } from "../../../model/transitions.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { sourcesFor } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import type { FlowDeletionDependencies } from "../../deps.ts";
import { arrivalsPerMs } from "./arrivals.ts";

type HealthDependencies = Pick<FlowDeletionDependencies, "clock" | "counters" | "meters" | "runIndex">;

/** Runs that are read in each shard, the oldest first: about a thousand in all. */
const PER_SHARD = 64;
/** Failures that are counted. */
const MAX_FAILURES = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const OPEN = ["pending", "running", "waiting", "paused"] as const satisfies readonly RunStatus[];

/** Returns how a flow is doing. Runs are found by an index, which may lag; among more than about a thousand, the oldest count. */
export const flowHealth = async (deps: HealthDependencies, flow: FlowItem): Promise<FlowHealth> => {
  const now = deps.clock.now();
  const [parked, pending, queued, arriving, failureRate, overdue] = await Promise.all([
    runsOf(deps, flow, "paused"),
    runsOf(deps, flow, "pending"),
    deps.counters.queued(flow),
    arrivalsPerMs(deps, flow),
    failuresOf(deps, flow, now),
    overdueOf(deps, flow, now),
  ]);
  const isHeld = keeps(flow, undefined, undefined, undefined, now) !== undefined;
  const drain = drainOf(flow, queued, now);
  return {
    oldestParkedAt: oldest(parked.map(({ parkedAt }) => parkedAt)),
    oldestQueuedAt: oldest(pending.map(({ queuedAt }) => queuedAt)),
    queueGrowthPerMinute: isHeld ? growth(flow, queued, arriving, now) : 0 - leaving(drain, queued),
    drain: drain ?? null,
    failureRate,
    overdue,
  };
};

/** Returns how many records a minute queue: in a young pause, those that have queued since it began. `arriving`: in a millisecond. */
const growth = (flow: FlowItem, queued: number, arriving: number, now: number): number => {
  const since = Math.min(...Object.values(flow.holds).map((hold) => Date.parse(hold.since)));
  const elapsed = Math.max(now - since, MINUTE_MS);
  const rate = elapsed < HOUR_MS ? queued / elapsed : arriving;
  return Math.round(rate * MINUTE_MS * 10) / 10;
};

const oldest = (times: readonly (string | undefined)[]): string | null =>
  times.filter((time) => time !== undefined).sort()[0] ?? null;

/** Returns the oldest runs of the flow in this status. */
const runsOf = async (
  { runIndex }: HealthDependencies,
  { workspace, flowId, incarnation }: FlowItem,
  status: RunStatus,
): Promise<RunItem[]> => {
  const sources = sourcesFor(workspace, { status: [status] });
  const ids = await Promise.all(sources.map((source) => runIndex.ofFlow([source], flowId, PER_SHARD)));
  const runs = await runIndex.read(workspace, [...new Set(ids.flat())]);
  return runs.filter((run) => run.status === status && run.incarnation === incarnation);
};

const failuresOf = async (
  { runIndex }: HealthDependencies,
  { workspace, flowId }: FlowItem,
  now: number,
): Promise<FlowHealth["failureRate"]> => {
  const rate = { minute: 0, hour: 0 };
  const minuteAgo = iso(now - MINUTE_MS);
  const count = async (source: ReturnType<typeof runIndex.failures>[number]): Promise<void> => {
    for await (const { at } of source) {
      rate.hour += 1;
      if (at > minuteAgo) rate.minute += 1;
      if (rate.hour >= MAX_FAILURES) return;
    }
  };
  await Promise.all(runIndex.failures(workspace, { flowId, since: iso(now - HOUR_MS) }).map(count));
  return rate;
};

/** Only a flow that expects a duration has overdue runs. Those that were dispatched before it was set have none. */
const overdueOf = async (deps: HealthDependencies, flow: FlowItem, now: number): Promise<number> => {
  if (flow.expect === undefined) return 0;
  const open = await Promise.all(OPEN.map((status) => runsOf(deps, flow, status)));
  const isOverdue = ({ overdueSince, expectedBy }: RunItem): boolean =>
    overdueSince !== undefined || (expectedBy !== undefined && expectedBy <= iso(now));
  return new Set(
    open
      .flat()
      .filter(isOverdue)
      .map(({ runId }) => runId),
  ).size;
};

const drainOf = (flow: FlowItem, queued: number, now: number): FlowHealth["drain"] => {
  const { drain, ramp, holds } = flow;
  // A drain beside a hold that lets runs finish starts no record.
  if (drain === undefined || Object.values(holds).some((hold) => isFinishing(hold, now))) return null;
  if (ramp === undefined) return { rate: drain.rate, endsAt: iso(now + (queued / drain.rate) * 1_000) };
  return { rate: rampRate(ramp, now), endsAt: iso(endOfRamp(ramp, queued, now)) };
};

/** Seconds of a ramp that are foreseen. From then on, its rate counts as constant. */
const FORESEEN = 3_600;

const endOfRamp = (ramp: NonNullable<FlowItem["ramp"]>, queued: number, now: number): number => {
  let left = queued;
  let at = now;
  for (let second = 0; second < FORESEEN && left > 0; second += 1, at += 1_000) left -= rampRate(ramp, at);
  return left <= 0 ? at : at + (left / rampRate(ramp, at)) * 1_000;
};

/** Records that leave the queue in the next minute. */
const leaving = (drain: FlowHealth["drain"], queued: number): number =>
  drain === null ? 0 : Math.min(drain.rate * 60, queued);
