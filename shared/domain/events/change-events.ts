import { flowStatus } from "../../model/holds/kinds.ts";
import { cutText } from "../../model/json/text.ts";
import type { EventType } from "../../model/schemas/events.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AuditEntry, RunItem } from "../../store/runs/run-item.ts";
import type { StoredChange } from "../../store/stream/stream-changes.ts";

/** Maximum length of an error name in an event, in characters. Users choose the name. */
const MAX_ERROR = 256;

/** An event that has not been checked against its schema yet. */
export interface ChangeEvent {
  readonly type: EventType;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly detail: object;
}

/** Returns the events of a change, in order of rev. */
export const eventsOf = (change: StoredChange): ChangeEvent[] => {
  switch (change.kind) {
    case "run":
      return change.entries.map((entry) => runEvent(change.run, entry));
    case "flow": {
      const { workspace, flowId, incarnation, entry } = change;
      const id = `${workspace}/${flowId}/${incarnation}/${entry.rev}`;
      return [changeEvent("Flow changed", entry.at, { id, workspace, flowId, ...entry })];
    }
    case "flow-deleted":
      return [flowDeleted(change.flow)];
  }
};

const runEvent = (run: RunItem, entry: AuditEntry): ChangeEvent => {
  const { workspace, flowId, runId, version } = run;
  const { op: _op, ...shown } = entry;
  const about = {
    id: `${workspace}/${runId}/${entry.rev}`,
    ...{ workspace, flowId, runId, flowVersion: version },
    ...shown,
  };
  if (entry.action === "delete") return changeEvent("Run deleted", entry.at, about);
  // The run item describes its current status, so only the newest entry gets the reason.
  const extra = entry.rev === run.rev ? why(run) : {};
  const replayOf = entry.action === "dispatch" ? run.replayOf : undefined;
  return changeEvent("Run status changed", entry.at, { ...about, ...extra, replayOf });
};

const why = ({ status, error, pausedBy, waitingOn }: RunItem): object => {
  if (status === "failed" && error !== undefined) {
    return { error: { error: cutText(error.error, MAX_ERROR), state: error.state } };
  }
  if (status === "paused" && pausedBy !== undefined) {
    const { kind, id, error: name, state } = pausedBy;
    return { pausedBy: { kind, id, error: name && cutText(name, MAX_ERROR), state } };
  }
  return status === "waiting" && waitingOn !== undefined ? { waitingOn } : {};
};

const flowDeleted = (flow: FlowItem): ChangeEvent => {
  const { workspace, flowId, incarnation, holds, deletion, updatedAt } = flow;
  const rev = flow.rev + 1;
  return changeEvent("Flow deleted", deletion?.at ?? updatedAt, {
    id: `${workspace}/${flowId}/${incarnation}/${rev}`,
    ...{ workspace, flowId, rev, action: "delete", from: flowStatus(holds), to: "deleted" },
    at: deletion?.at ?? updatedAt,
    actor: deletion?.actor,
  });
};

const changeEvent = (type: EventType, at: string, detail: object): ChangeEvent => ({
  type,
  at: Date.parse(at),
  detail,
});
