import { flowStatus } from "../../model/holds.ts";
import { EVENTS, type EventType, type OwnEvent } from "../../model/schemas/events.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AuditEntry, RunItem } from "../../store/runs/run-item.ts";
import type { StoredChange } from "../../store/stream/stream-changes.ts";

/** Error names are the user's own; one that is no name is cut. */
const MAX_ERROR = 256;

/** What the bus is told of a change, in order of rev. Throws what does not fit the events' schemas: it would mislead. */
export const eventsOf = (change: StoredChange): OwnEvent[] => {
  switch (change.kind) {
    case "run":
      return change.entries.map((entry) => runEvent(change.run, entry));
    case "flow": {
      const { workspace, flowId, incarnation, entry } = change;
      const id = `${workspace}/${flowId}/${incarnation}/${entry.rev}`;
      return [checked("Flow changed", entry.at, { id, workspace, flowId, ...entry })];
    }
    case "flow-deleted":
      return [flowDeleted(change.flow)];
  }
};

const runEvent = (run: RunItem, entry: AuditEntry): OwnEvent => {
  const { workspace, flowId, runId, version } = run;
  const { op: _op, ...told } = entry;
  const about = {
    id: `${workspace}/${runId}/${entry.rev}`,
    ...{ workspace, flowId, runId, flowVersion: version },
    ...told,
  };
  if (entry.action === "delete") return checked("Run deleted", entry.at, about);
  // What the item says of its status is true of its newest entry alone.
  const extra = entry.rev === run.rev ? why(run) : {};
  const replayOf = entry.action === "dispatch" ? run.replayOf : undefined;
  return checked("Run status changed", entry.at, { ...about, ...extra, replayOf });
};

const why = ({ status, error, pausedBy }: RunItem): object => {
  if (status === "failed" && error !== undefined) {
    return { error: { error: error.error.slice(0, MAX_ERROR), state: error.state } };
  }
  if (status === "paused" && pausedBy !== undefined) {
    return { pausedBy: { kind: pausedBy.kind, id: pausedBy.id } };
  }
  return {};
};

const flowDeleted = (flow: FlowItem): OwnEvent => {
  const { workspace, flowId, incarnation, holds, deletion, updatedAt } = flow;
  const rev = flow.rev + 1;
  return checked("Flow deleted", deletion?.at ?? updatedAt, {
    id: `${workspace}/${flowId}/${incarnation}/${rev}`,
    ...{ workspace, flowId, rev, action: "delete", from: flowStatus(holds), to: "deleted" },
    at: deletion?.at ?? updatedAt,
    actor: deletion?.actor,
  });
};

const checked = (type: EventType, at: string, detail: object): OwnEvent => {
  const parsed = EVENTS[type].detail.safeParse(detail);
  if (parsed.success) return { type, at: Date.parse(at), detail: parsed.data } as OwnEvent;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join(".")));
  throw new Error(`"${type}" does not fit its schema: ${[...fields].join(", ")}`);
};
