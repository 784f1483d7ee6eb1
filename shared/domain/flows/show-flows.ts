import { heldNames, standingHolds } from "../../model/holds/hold.ts";
import { flowStatus } from "../../model/holds/kinds.ts";
import { rampEnd, rampRate } from "../../model/holds/ramp.ts";
import type { Flow } from "../../model/schemas/flow.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem, ScheduledPause } from "../../store/flows/flow-item.ts";
import type { MeterKind, MeterReadings } from "../../store/flows/meters.ts";
import { type RunIndex, sourcesFor } from "../../store/runs/run-index.ts";
import type { FlowDeletionDependencies } from "../deps.ts";
import { flowSlots } from "../slots/show-slots.ts";

type ShowDependencies = Pick<
  FlowDeletionDependencies,
  "clock" | "counters" | "meters" | "runIndex" | "slots" | "slotQueues"
>;

/** Runs in one page of one shard, keys only: below DynamoDB's limit of one megabyte. */
const PAGE = 3_000;
/** Maximum number of runs counted per shard, so that the call takes bounded time. */
const COUNTED = 12_000;

/** Returns flows of one workspace in the API's format, with their queues and meters. */
export const showFlows = async (deps: ShowDependencies, flows: readonly FlowItem[]): Promise<Flow[]> => {
  const now = deps.clock.now();
  const held = flows.find(isHeldFlow);
  const [meters, queued, running] = await Promise.all([
    deps.meters.readMany(flows, metersOf),
    Promise.all(flows.map((flow) => (mayQueue(flow) ? deps.counters.queued(flow) : 0))),
    held === undefined ? new Map<string, number>() : runningByFlow(deps.runIndex, held.workspace),
  ]);
  return flows.map((flow, index) => {
    const { throughput, spend, failures, rampFailures } = meters[index] ?? {};
    const { caps } = flow;
    return flowView(flow, {
      queued: queued[index] ?? 0,
      inFlight: isHeldFlow(flow) ? (running.get(flow.flowId) ?? 0) : 0,
      ramp: rampView(flow, rampFailures, now),
      meters: {
        ...(throughput && { throughput: throughput.of(caps.throughput?.per ?? "minute", now) }),
        ...(spend && { spend: spend.of(caps.spend?.period ?? "month", now) }),
        ...(failures && caps.errors && { errors: failures.of(caps.errors.per, now) }),
      },
    });
  });
};

/** Failures are counted only while there is an error cap, or a ramp that they can stop. */
const metersOf = ({ caps, ramp }: FlowItem): readonly MeterKind[] => [
  ...(["throughput", "spend"] as const),
  ...(caps.errors == null ? [] : (["failures"] as const)),
  ...(ramp?.stopOn === undefined ? [] : (["rampFailures"] as const)),
];

const canaryView = ({ canary }: FlowItem): Pick<Flow, "canary"> => {
  if (canary === undefined) return {};
  const { id, state, runs, through, count, since, until, by, reason } = canary;
  return {
    canary: {
      ...{ canaryId: id, state, runs: [...runs], through, count, since, until, by: by.id },
      ...(reason === undefined ? {} : { reason }),
    },
  };
};

const rampView = (
  { ramp }: FlowItem,
  failures: MeterReadings | undefined,
  now: number,
): Pick<Flow, "ramp"> => {
  if (ramp === undefined) return {};
  const { from, to, factor, every, since, stopOn } = ramp;
  return {
    ramp: {
      ...{ from, to, factor, every },
      ...(stopOn === undefined ? {} : { stopOn }),
      ...{ rate: rampRate(ramp, now), since, endsAt: iso(rampEnd(ramp)) },
      ...(failures === undefined ? {} : { failures: failures.of("era", now).used }),
    },
  };
};

export const showFlow = async (deps: ShowDependencies, flow: FlowItem): Promise<Flow> => {
  const [[shown], slots] = await Promise.all([showFlows(deps, [flow]), flowSlots(deps, flow)]);
  if (shown === undefined) throw new Error("The flow has no view");
  return slots === undefined ? shown : { ...shown, slots };
};

/** Whether the flow can have a queue: while it is held, or while a drain starts what was queued. */
const mayQueue = (flow: FlowItem): boolean => isHeldFlow(flow) || flow.drain !== undefined;

/** Counts the runs that are executing a step, by flow. The index may lag. */
const runningByFlow = async (index: RunIndex, workspace: string): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  const count = async (source: ReturnType<typeof sourcesFor>[number]) => {
    let from: Parameters<RunIndex["page"]>[3];
    for (let counted = 0; counted < COUNTED; counted += PAGE) {
      const { runs, next } = await index.page(source, {}, PAGE, from);
      for (const { flowId = "" } of runs) counts.set(flowId, (counts.get(flowId) ?? 0) + 1);
      if (next === undefined) return;
      from = next;
    }
  };
  await Promise.all(sourcesFor(workspace, { status: ["running"] }).map(count));
  return counts;
};

const holdViews = (flow: FlowItem): Flow["holds"] =>
  standingHolds(flow).map((hold) => {
    const { id, kind, mode, since, by, reason, resumeAt, finishUntil, unheld, incidentId } = hold;
    const steps = heldNames(hold);
    const isPause = kind === "manual" && steps === undefined;
    return {
      ...{ holdId: id, kind, mode: isPause ? modeOf(flow) : mode, since, by: by.id },
      ...(reason === undefined ? {} : { reason }),
      ...(resumeAt === undefined ? {} : { resumeAt }),
      ...(finishUntil === undefined ? {} : { finishUntil }),
      ...(incidentId === undefined ? {} : { incidentId }),
      ...(steps === undefined ? {} : { steps }),
      ...(unheld === undefined ? {} : { unheld: [...unheld] }),
    };
  });

const modeOf = ({ holds, mode }: FlowItem): Flow["mode"] =>
  holds.manual?.finishUntil === undefined ? mode : "finish";

const planView = ({ id: _id, by, ...plan }: ScheduledPause): NonNullable<Flow["scheduledPause"]> => ({
  ...plan,
  by: by.id,
});

/** Returns when the flow becomes active by itself: at the end of its last hold on everything. */
const resumeAtOf = (all: Flow["holds"]): string | undefined => {
  const holds = all.filter(({ steps }) => steps === undefined);
  const ends = holds.map((hold) => hold.resumeAt).filter((time) => time !== undefined);
  return ends.length < holds.length ? undefined : ends.sort().at(-1);
};

const isHeldFlow = (flow: FlowItem): boolean => flowStatus(flow.holds) !== "active";

/** Counts and readings that are not in the flow item. */
interface FlowFigures {
  readonly queued: number;
  readonly inFlight: number;
  readonly meters: Flow["meters"];
  readonly ramp: Pick<Flow, "ramp">;
}

const flowView = (flow: FlowItem, { queued, inFlight, meters, ramp }: FlowFigures): Flow => {
  const holds = holdViews(flow);
  const resumeAt = resumeAtOf(holds);
  const isDraining = flow.drain !== undefined && !isHeldFlow(flow) && queued > 0;
  const draining = isDraining ? { remaining: queued } : null;
  const { flowId, name, description, version, runAs, rev, caps, createdAt, updatedAt } = flow;
  const { attachment } = flow;
  return {
    kind: attachment === undefined ? "managed" : "attached",
    ...(attachment && {
      stateMachineArn: attachment.machineArn,
      whenUnreachable: attachment.whenUnreachable,
    }),
    ...{
      flowId,
      name,
      description,
      status: flowStatus(flow.holds),
      version,
      runAs,
      mode: modeOf(flow),
      holds,
    },
    ...(flow.partialHolds === undefined ? {} : { partlyHeld: true }),
    onFailure: flow.onFailure ?? "fail",
    ...(resumeAt === undefined ? {} : { resumeAt }),
    ...(flow.scheduledPause && { scheduledPause: planView(flow.scheduledPause) }),
    ...{ rev, queued, inFlight, draining, ...canaryView(flow), ...ramp, caps, meters, createdAt, updatedAt },
  };
};
