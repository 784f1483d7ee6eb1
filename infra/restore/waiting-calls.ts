import type { HistoryEvent } from "@aws-sdk/client-sfn";
import * as z from "zod";

/** A call of a function by a state machine. */
export interface Call {
  readonly functionName: string;
  /** The event of the call, as JSON text. */
  readonly payload: string;
}
/** A call that received a task token and has not been answered. */
export interface WaitingCall extends Call {
  /** The previous call in its branch: the gate that let it pass. */
  readonly before: Call | undefined;
}

const parametersSchema = z.object({ FunctionName: z.string(), Payload: z.json() });
const SETTLED = new Set([
  "TaskSucceeded",
  "TaskFailed",
  "TaskTimedOut",
  "TaskStartFailed",
  "TaskSubmitFailed",
]);

/** Returns the Lambda calls that an execution still waits for by task token, from its whole history. */
export const waitingCalls = (history: readonly HistoryEvent[]): WaitingCall[] => {
  const byId = new Map(history.map((event) => [event.id, event]));
  const previous = (event: HistoryEvent | undefined) => byId.get(event?.previousEventId);
  const scheduled = (from: HistoryEvent | undefined): HistoryEvent | undefined => {
    let event = from;
    while (event !== undefined && event.type !== "TaskScheduled") event = previous(event);
    return event;
  };
  const settled = new Set(
    history.filter(({ type }) => SETTLED.has(type ?? "")).map((event) => scheduled(event)?.id),
  );
  return history.flatMap((event) => {
    const waits = event.taskScheduledEventDetails?.resource === "invoke.waitForTaskToken";
    const call = waits && !settled.has(event.id) ? callOf(event) : undefined;
    return call === undefined ? [] : [{ ...call, before: callOf(scheduled(previous(event))) }];
  });
};

const callOf = (event: HistoryEvent | undefined): Call | undefined => {
  const task = event?.taskScheduledEventDetails;
  if (task?.resourceType !== "lambda") return undefined;
  const parameters = parametersSchema.safeParse(JSON.parse(task.parameters ?? "null"));
  if (!parameters.success) return undefined;
  const { FunctionName, Payload } = parameters.data;
  return { functionName: FunctionName, payload: JSON.stringify(Payload) };
};
