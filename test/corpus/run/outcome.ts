import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { CorpusStack } from "./corpus-stack.ts";

/** A call of a function or a service. */
export interface Call {
  readonly state: string;
  readonly resource: string;
  readonly parameters: string;
}

/** The status of an endless run. */
export const ENDLESS = "ENDLESS";

/** The end of a run, and its calls. */
export interface Outcome {
  /** Of the execution, or `ENDLESS`. */
  readonly status: string;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly calls: readonly Call[];
  /** The number of visits to states of types that get a gate. */
  readonly gated: number;
  /** States whose failures ended their Parallel or Map, or the execution. */
  readonly failedAt: readonly string[];
  /** The inputs of functions and stubs, including calls from a Distributed Map's children. */
  readonly received: readonly string[];
  /** Causes of failed ItemReaders. */
  readonly readerFailures: readonly string[];
}

interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string };
  readonly taskScheduledEventDetails?: {
    readonly resourceType: string;
    readonly resource: string;
    readonly parameters: string;
  };
  readonly lambdaFunctionScheduledEventDetails?: { readonly resource: string; readonly input?: string };
  readonly mapRunFailedEventDetails?: { readonly cause?: string };
  readonly activityScheduledEventDetails?: { readonly resource: string; readonly input?: string };
}

/** Matches a function's name in an ARN or in the parameters of a call. */
const OWN_FUNCTION = /:function:sluice-|^\{"FunctionName":"sluice-/;
const GATED = /^(Task|Wait|Parallel|Map)StateEntered$/;
const FAILED = /^(ParallelStateFailed|MapStateFailed|MapRunFailed|ExecutionFailed|ExecutionTimedOut)$/;

/** Returns what the history of an execution shows, without the calls of Sluice's own functions. */
export async function historyOf(
  stack: CorpusStack,
  executionArn: string,
): Promise<Pick<Outcome, "calls" | "gated" | "failedAt" | "readerFailures">> {
  const events = new Map((await eventsOf(stack, executionArn)).map((event) => [event.id, event]));
  /** The state to which an event belongs. */
  const stateOf = (event: HistoryEvent): string => {
    for (let one: HistoryEvent | undefined = event; one !== undefined; one = events.get(one.previousEventId))
      if (one.stateEnteredEventDetails !== undefined) return one.stateEnteredEventDetails.name;
    return "";
  };
  const all = [...events.values()];
  return {
    calls: all.flatMap((event) => {
      const call = callOf(event);
      const isOwn =
        call === undefined || OWN_FUNCTION.test(call.resource) || OWN_FUNCTION.test(call.parameters);
      return isOwn ? [] : [{ state: stateOf(event), ...call }];
    }),
    gated: all.filter(({ type }) => GATED.test(type)).length,
    failedAt: all.filter(({ type }) => FAILED.test(type)).map(stateOf),
    readerFailures: all.flatMap((event) => event.mapRunFailedEventDetails?.cause ?? []),
  };
}

async function eventsOf(stack: CorpusStack, executionArn: string): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await stack.states<{ events: HistoryEvent[]; nextToken?: string }>("GetExecutionHistory", {
      executionArn,
      maxResults: 1_000,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    found.push(...page.events);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

function callOf(event: HistoryEvent): Omit<Call, "state"> | undefined {
  const task = event.taskScheduledEventDetails;
  if (task !== undefined)
    return { resource: `${task.resourceType}:${task.resource}`, parameters: task.parameters };
  const direct = event.lambdaFunctionScheduledEventDetails ?? event.activityScheduledEventDetails;
  return direct === undefined ? undefined : { resource: direct.resource, parameters: direct.input ?? "null" };
}

const NUMBERED_TIME = /(?<![\w.-])(?:1[6-9]|2[0-4])\d{8}(?:\d{3})?(?:\.\d+)?(?![\w.-])/g;

/** The names in an execution's outcome that differ from one execution to the next. */
export interface Names {
  readonly executionArns: readonly string[];
  readonly executions: readonly string[];
  readonly machineArn: string;
  readonly machine: string;
}

/** Replaces what differs between any two executions of a machine: names, ids, times and tokens. */
const neutral = (text: string, { executionArns, executions, machineArn, machine }: Names): string =>
  [
    ...executionArns.map((arn) => [arn, "<execution>"] as const),
    ...executions.map((name) => [name, "<execution name>"] as const),
    [machineArn, "<machine>"] as const,
    [machine, "<machine name>"] as const,
  ]
    .reduce((rest, [name, mark]) => rest.replaceAll(name, mark), text)
    .replace(/\(entered at the event id #\d+\)/g, "(entered)")
    .replace(/AQCAAAAA[\w+/=]+/g, "<token>")
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replace(/\b[0-9a-f]{32}\b/g, "<digest>")
    .replace(/\d{4}-\d\d-\d\dT[\d:]+(?:\.\d+)?Z/g, "<time>")
    .replace(/"0{12}\d{8}"/g, '"<sequence number>"')
    .replace(NUMBERED_TIME, "<time>");

/** Returns the outcome without names, ids, times and tokens, and without the order of concurrent calls. */
export function comparable(outcome: Outcome, names: Names): Outcome {
  const clean = (text: string | undefined) => (text === undefined ? undefined : neutral(sorted(text), names));
  return {
    ...outcome,
    received: outcome.received.map((text) => neutral(sorted(text), names)).sort(),
    output: clean(outcome.output),
    cause: clean(outcome.cause),
    calls: outcome.calls
      .map(({ state, resource, parameters }) => ({
        state,
        resource: neutral(resource, names),
        parameters: neutral(sorted(parameters), names),
      }))
      .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
  };
}

/** JSON text with the fields of each object in order. */
function sorted(text: string): string {
  try {
    return JSON.stringify(inOrder(JSON.parse(text) as Json));
  } catch {
    return text;
  }
}

function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, inOrder(inner)]),
  );
}
