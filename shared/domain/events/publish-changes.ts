import type { OwnEvent } from "../../model/schemas/events.ts";
import type { Transition } from "../../model/transitions.ts";
import { MAX_EVENTS_PER_CALL } from "../../outbound/ports.ts";
import { changeOf, type StreamRecord } from "../../store/stream/stream-changes.ts";
import type { PublishDependencies } from "../deps.ts";
import { type ChangeEvent, eventsOf } from "./change-events.ts";

export interface ChangePublisherDependencies extends PublishDependencies {
  /** Throws if an event does not match its schema. */
  readonly checkEvent: (event: ChangeEvent) => OwnEvent;
}

/** Attempts to publish events that the bus rejects, before the stream is asked to deliver them again later. */
const MAX_ATTEMPTS = 3;

interface PendingEvent {
  readonly sequenceNumber: string;
  readonly event: OwnEvent;
}

/**
 * Publishes an event for every status change in the records, in their order. Returns the sequence number of the first record
 * that was not published, or undefined if all were. Nothing after that record is published. The stream delivers it and all
 * later records again, so the order is kept. An event may be published twice, with the same id, but none is lost.
 */
export const publishChanges = async (
  deps: ChangePublisherDependencies,
  records: readonly StreamRecord[],
): Promise<string | undefined> => {
  const pending: PendingEvent[] = [];
  let broken: string | undefined;
  for (const record of records) {
    const sequenceNumber = record.dynamodb.SequenceNumber;
    try {
      const change = changeOf(record);
      for (const event of change === undefined ? [] : eventsOf(change))
        pending.push({ sequenceNumber, event: deps.checkEvent(event) });
    } catch (error) {
      deps.log.error("A record of the stream could not be read", { sequenceNumber, error: error as Error });
      broken = sequenceNumber;
      break;
    }
  }
  return (await publishAll(deps, pending)) ?? broken;
};

/** Publishes all events, with a few attempts within this call. Returns the first that the bus did not accept. */
const publishAll = async (
  deps: ChangePublisherDependencies,
  pending: readonly PendingEvent[],
): Promise<string | undefined> => {
  let from = 0;
  for (let attempt = 1; from < pending.length; attempt += 1) {
    const some = pending.slice(from, from + MAX_EVENTS_PER_CALL).map(({ event }) => event);
    const taken = await takenOf(deps, some);
    for (const event of some.slice(0, taken)) count(deps, event);
    from += taken;
    if (taken > 0) attempt = 0;
    else if (attempt === MAX_ATTEMPTS) return pending[from]?.sequenceNumber;
  }
  return undefined;
};

const takenOf = async (deps: ChangePublisherDependencies, some: readonly OwnEvent[]): Promise<number> => {
  try {
    return await deps.events.put(some);
  } catch (error) {
    deps.log.warn("The event bus did not respond", { error: error as Error });
    return 0;
  }
};

const ENDS = { completed: "runsCompleted", failed: "runsFailed", cancelled: "runsCancelled" } as const;

const HALT = "halt" satisfies Transition;

/** Counts every change, whoever made it. An event that is published twice counts twice. */
const count = ({ metrics }: PublishDependencies, { type, detail }: OwnEvent): void => {
  if (type === "Run status changed" && detail.to in ENDS) metrics.count(ENDS[detail.to as keyof typeof ENDS]);
  if (type === "Run status changed" && detail.action === HALT) metrics.count("runsHalted");
  if (type !== "Flow changed" || detail.from === detail.to) return;
  if (detail.from === "active") metrics.count("flowsPaused");
  if (detail.to === "active") metrics.count("flowsResumed");
};
