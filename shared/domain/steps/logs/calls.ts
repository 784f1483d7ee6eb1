import type { HistoryEvent } from "../../../outbound/ports.ts";
import type { HistoryVisit } from "../history.ts";

/** One call of a Task: the first attempt, or a retry. */
export interface HistoryCall {
  /** The id of the event with which the call began. */
  readonly startedId: number;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to?: number;
  /** The name or ARN of the Lambda function; absent for a call of another service. */
  readonly functionName?: string;
  /** The response, as JSON text. */
  readonly output?: string;
  readonly failed?: { readonly error: string; readonly cause: string };
}

const SCHEDULED = /^(Task|LambdaFunction|Activity)Scheduled$/;
const STARTED = /^(Task|LambdaFunction|Activity)Started$/;
const SUCCEEDED = /^(Task|LambdaFunction|Activity)Succeeded$/;
/** Also `TaskStartFailed` and the like. */
const FAILED = /^(Task|LambdaFunction|Activity).*(Failed|TimedOut)$/;

/** Finds the calls of one visit. `visits` are those of `events`, in the same order. */
export const callsOf = (
  events: readonly HistoryEvent[],
  visits: readonly HistoryVisit[],
  visit: HistoryVisit,
): HistoryCall[] => {
  const isLike = (one: { readonly state: string; readonly entered: number }) =>
    one.state === visit.state && one.entered === visit.entered;
  // Iterations enter the same state in the same millisecond: the n-th of these visits has the n-th event.
  const nth = visits.filter(isLike).indexOf(visit);
  const entries = events.filter(
    ({ type, name = "", time }) => type.endsWith("StateEntered") && isLike({ state: name, entered: time }),
  );
  const entered = entries[nth];
  if (entered === undefined) return [];
  const own = new Set([entered.id]);
  const calls: HistoryCall[] = [];
  for (const event of events) {
    if (event.id <= entered.id || !own.has(event.previousId)) continue;
    if (event.type.endsWith("StateEntered")) continue;
    own.add(event.id);
    const last = calls.at(-1);
    if (SCHEDULED.test(event.type)) calls.push(scheduled(event));
    else if (last !== undefined) calls[calls.length - 1] = continued(last, event);
  }
  return calls;
};

const scheduled = (event: HistoryEvent): HistoryCall => {
  const functionName = functionIn(event);
  return {
    ...{ startedId: event.id, from: event.time },
    ...(functionName === undefined ? {} : { functionName }),
  };
};

const continued = (call: HistoryCall, event: HistoryEvent): HistoryCall => {
  const { id, time, type, output, error = "", cause = "" } = event;
  if (STARTED.test(type)) return { ...call, startedId: id };
  if (SUCCEEDED.test(type)) return { ...call, to: time, ...(output === undefined ? {} : { output }) };
  return FAILED.test(type) ? { ...call, to: time, failed: { error, cause } } : call;
};

const functionIn = ({ type, resource, resourceType, parameters }: HistoryEvent): string | undefined => {
  if (type.startsWith("LambdaFunction")) return resource;
  if (resourceType !== "lambda") return undefined;
  const { FunctionName } = fieldsIn(parameters);
  return typeof FunctionName === "string" ? FunctionName : undefined;
};

/** The fields of a JSON object; none of anything else. */
export const fieldsIn = (text: string | undefined): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

const NAMED_ID = /([0-9a-f]{8}-[0-9a-f-]{27}) (?:Error:|Task timed out)/;
const isText = (value: unknown): value is string => typeof value === "string";

/**
 * Returns Lambda's id of the invocation, if the history has it: in the response to `lambda:invoke`, in the error of a Python function, or in
 * the error of an invocation that timed out or whose process ended.
 */
export const requestIdOf = ({ output, failed }: HistoryCall): string | undefined => {
  if (failed === undefined) {
    const metadata = fieldsIn(output)["SdkResponseMetadata"];
    const id = (metadata as { readonly RequestId?: unknown } | undefined)?.RequestId;
    return isText(id) ? id : undefined;
  }
  const { requestId, errorMessage } = fieldsIn(failed.cause);
  if (isText(requestId)) return requestId;
  return isText(errorMessage) ? NAMED_ID.exec(errorMessage)?.[1] : undefined;
};
