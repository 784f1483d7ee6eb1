import { flowStatus, HOLD_KINDS } from "../../model/holds.ts";
import type { Flow } from "../../model/schemas/flow.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { Holds } from "../../store/flows/holds.ts";

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

/** When the flow is active again with nobody acting: its last hold ends then. */
const resumeAtOf = (holds: Flow["holds"]): string | undefined => {
  const ends = holds.map((hold) => hold.resumeAt).filter((time) => time !== undefined);
  return ends.length < holds.length ? undefined : ends.sort().at(-1);
};

export const isHeldFlow = (flow: FlowItem): boolean => flowStatus(flow.holds) !== "active";

/** What stands beside the flow's own item. */
interface FlowFigures {
  readonly queued: number;
  readonly inFlight: number;
  readonly meters: Flow["meters"];
}

/** A flow as the API shows it. */
export const flowView = (flow: FlowItem, { queued, inFlight, meters }: FlowFigures): Flow => {
  const holds = holdViews(flow.holds);
  const resumeAt = resumeAtOf(holds);
  const draining = flow.drain === undefined || queued === 0 ? null : { remaining: queued };
  const { flowId, name, description, version, runAs, mode, rev, caps, createdAt, updatedAt } = flow;
  return {
    ...{ flowId, name, description, status: flowStatus(flow.holds), version, runAs, mode, holds },
    ...(resumeAt === undefined ? {} : { resumeAt }),
    ...{ rev, queued, inFlight, draining, caps, meters, createdAt, updatedAt },
  };
};
