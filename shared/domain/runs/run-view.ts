import { executionArn, type MachinePlace } from "../../model/machines/machine-names.ts";
import type { PausedBy, Run } from "../../model/schemas/run.ts";
import { allowedActions } from "../../model/transitions.ts";
import { failurePlace, statusSince } from "../../store/runs/index-attributes.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { readableError } from "../steps/failure.ts";
import { isQueued, waitsForSlot } from "./queued-run.ts";

/** Returns a run as the API shows it in lists: without payload and output. */
export const runView = (record: RunItem, machinePlace: MachinePlace): Run => {
  const { error, currentStep, startedBy, version } = record;
  const failure = failurePlace(record);
  return {
    runId: record.runId,
    flowId: record.flowId,
    flowVersion: version,
    status: record.status,
    since: statusSince(record),
    rev: record.rev,
    queued: isQueued(record),
    ...(record.priority === undefined ? {} : { priority: record.priority }),
    startedBy: startedBy.kind === "execution" ? { kind: startedBy.kind, id: startedBy.id } : startedBy.id,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    ...(waitsForSlot(record) ? { queuedFor: "concurrency" } : {}),
    // A run that never left the queue has no execution, unless it was somebody else's.
    ...(record.queuedAt === undefined || record.execution !== undefined
      ? { executionArn: executionArn(machinePlace, newest(record)) }
      : {}),
    allowedActions: allowedActions(record.status),
    ...(error === undefined
      ? {}
      : { error: { error: error.error, state: error.state, ...readableError(error) } }),
    ...(currentStep === undefined ? {} : { currentStep: currentStep.name }),
    ...(record.waitingOn === undefined ? {} : { waitingOn: record.waitingOn }),
    ...(record.pausedBy === undefined ? {} : { pausedBy: readablePause(record.pausedBy) }),
    ...(record.pauseBefore === undefined ? {} : { pauseBefore: record.pauseBefore.state }),
    ...(record.stepping === undefined ? {} : { stepsLeft: record.stepping.left }),
    ...(record.parkedAt === undefined ? {} : { parkedAt: record.parkedAt }),
    ...stoppedBefore(record),
    ...(record.startedAt === undefined ? {} : { startedAt: record.startedAt }),
    ...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
    ...(failure === undefined ? {} : { failureId: failure.id }),
    ...(record.attributes === undefined ? {} : { attributes: record.attributes }),
    ...(record.cancelReason === undefined ? {} : { cancelReason: record.cancelReason }),
    ...(record.replayOf === undefined ? {} : { replayOf: record.replayOf }),
  };
};

/** An earlier park may have left its state. */
const stoppedBefore = ({ parkedAt, parkedBefore }: RunItem): Pick<Run, "stoppedBefore"> =>
  parkedAt === undefined || parkedBefore?.at !== parkedAt ? {} : { stoppedBefore: parkedBefore.state };

const readablePause = (pausedBy: PausedBy): PausedBy =>
  pausedBy.cause === undefined
    ? pausedBy
    : { ...pausedBy, ...readableError({ ...pausedBy, cause: pausedBy.cause }) };

/** The newest execution of a run that an error halted is the one that failed, also after the run was given up or cancelled. */
const newest = (record: RunItem): RunItem =>
  record.unstarted === true ? { ...record, attempt: record.continuedFrom ?? record.attempt } : record;
