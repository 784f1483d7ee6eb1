import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import {
  type ExecutionListItem,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import * as z from "zod";
import {
  DEFAULT_INSTANCE,
  parseExecutionName,
  parseMachineName,
} from "../../shared/model/machines/machine-names.ts";
import { type ItemKey, keys } from "../../shared/store/keys.ts";
import { functions } from "../functions.ts";

export interface RejoinDependencies {
  readonly dynamodb: DynamoDBClient;
  readonly states: SFNClient;
  readonly lambda: LambdaClient;
  /** Receives one line for each finding. */
  readonly say: (line: string) => void;
}
export interface RejoinRequest {
  readonly table: string;
  /** By default `sluice`. */
  readonly instance?: string;
  readonly dryRun?: boolean | undefined;
}
export interface Rejoined {
  readonly executions: number;
  /** Calls that were repeated. */
  readonly calls: number;
  /** Executions whose runs are not in the table, because they were dispatched after the point in time. */
  readonly unknown: number;
}

/** Whether the call is of a function, in whatever instance: a machine calls only those of its own. */
const isOf = ({ name }: { readonly name: string }, call: Call | undefined): boolean =>
  call?.functionName
    .split(":")
    .at(-1)
    ?.replace(/^[a-z0-9]+-/, `${DEFAULT_INSTANCE}-`) === name;

/** Returns the calls to repeat. There are none for a user's own function, which keeps its token elsewhere. */
const callsToRepeat = (call: WaitingCall): Call[] => {
  if (isOf(functions.park, call)) return [call];
  if (!isOf(functions.humanStep, call)) return [];
  // The gate comes first, so that the run becomes `waiting` like its execution.
  return call.before !== undefined && isOf(functions.gate, call.before) ? [call.before, call] : [call];
};

/**
 * Repeats the calls that stored task tokens. After a restore, the table lacks the tokens that were issued since, and their
 * executions would wait forever. The histories contain them. Each function then acts on the current state of the table: it
 * stores the token, or wakes the run if nothing holds it. This can be repeated at any time, as Step Functions itself may repeat
 * a call.
 */
export const rejoin = async (
  deps: RejoinDependencies,
  { table, instance = DEFAULT_INSTANCE, dryRun }: RejoinRequest,
): Promise<Rejoined> => {
  const count = { executions: 0, calls: 0, unknown: 0 };
  for await (const { workspace, execution } of running(deps.states, instance)) {
    count.executions += 1;
    const runId = parseExecutionName(execution.name ?? "")?.runId;
    if (runId === undefined) continue; // not started by Sluice
    if (!(await isKnown(deps.dynamodb, table, keys.run(workspace, runId)))) {
      count.unknown += 1;
      deps.say(`unknown ${workspace} ${runId} ${execution.executionArn}`);
    }
    for (const call of waitingCalls(await historyOf(deps.states, execution)).flatMap(callsToRepeat)) {
      count.calls += 1;
      const outcome = dryRun === true ? "would call" : await repeatCall(deps.lambda, call);
      deps.say(`${outcome} ${call.functionName.split(":").at(-1)} ${workspace} ${runId}`);
    }
  }
  return count;
};

/** Repeats a call. A gate's refusal is an error for Lambda, but the gate has done its work. */
const repeatCall = async (lambda: LambdaClient, call: Call): Promise<"called" | "failed"> => {
  const request = { FunctionName: call.functionName, Payload: call.payload };
  const { FunctionError } = await lambda.send(new InvokeCommand(request));
  return FunctionError === undefined || isOf(functions.gate, call) ? "called" : "failed";
};

async function* running(
  client: SFNClient,
  instance: string,
): AsyncGenerator<{ workspace: string; execution: ExecutionListItem }> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
    for (const { name = "", stateMachineArn } of stateMachines) {
      const workspace = parseMachineName(name, instance)?.workspace;
      if (workspace === undefined) continue;
      const request = { stateMachineArn, statusFilter: "RUNNING" } as const;
      for await (const { executions = [] } of paginateListExecutions({ client }, request)) {
        for (const execution of executions) yield { workspace, execution };
      }
    }
  }
}

const historyOf = async (client: SFNClient, { executionArn }: ExecutionListItem): Promise<HistoryEvent[]> => {
  const history: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory({ client }, { executionArn, includeExecutionData: true });
  for await (const { events = [] } of pages) history.push(...events);
  return history;
};

const isKnown = async (client: DynamoDBClient, TableName: string, { PK, SK }: ItemKey): Promise<boolean> => {
  const Key = { PK: { S: PK }, SK: { S: SK } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item !== undefined;
};

/** A call of a function by a state machine. */
interface Call {
  readonly functionName: string;
  /** The event of the call, as JSON text. */
  readonly payload: string;
}
/** A call that received a task token and has not been answered. */
interface WaitingCall extends Call {
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
const waitingCalls = (history: readonly HistoryEvent[]): WaitingCall[] => {
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
