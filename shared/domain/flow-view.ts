import { type Flow, type FlowStatus, HOLD_KINDS } from "../model/flow.ts";
import type { FlowRecord, Holds } from "../store/records.ts";

/** Any safety hold counts for more than a manual one. */
export const flowStatus = (holds: Holds): FlowStatus => {
  if (holds.throughput !== undefined || holds.spend !== undefined) return "paused_safety";
  return holds.manual === undefined ? "active" : "paused";
};

const holdViews = (holds: Holds): Flow["holds"] =>
  HOLD_KINDS.flatMap((kind) => {
    const hold = holds[kind];
    if (hold === undefined) return [];
    const { since, by, reason, resumeAt } = hold;
    return [
      {
        kind,
        since,
        by: by.id,
        ...(reason === undefined ? {} : { reason }),
        ...(resumeAt === undefined ? {} : { resumeAt }),
      },
    ];
  });

/** The earliest time at which a hold ends by itself. */
const resumeAtOf = (holds: Flow["holds"]): string | undefined =>
  holds
    .map((hold) => hold.resumeAt)
    .filter((time) => time !== undefined)
    .sort()[0];

/** A flow as the API shows it. */
export const flowView = (flow: FlowRecord): Flow => {
  const holds = holdViews(flow.holds);
  const resumeAt = resumeAtOf(holds);
  const { flowId, name, description, version, runAs, mode, rev, caps, createdAt, updatedAt } = flow;
  return {
    ...{ flowId, name, description, status: flowStatus(flow.holds), version, runAs, mode, holds },
    ...(resumeAt === undefined ? {} : { resumeAt }),
    ...{ rev, queued: 0, inFlight: 0, draining: null, caps, meters: {}, createdAt, updatedAt },
  };
};
