import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type GetExecutionHistoryCommandInput,
  InvalidToken,
  paginateGetExecutionHistory,
  paginateListMapRuns,
  ResourceNotFound,
  type HistoryEvent as SdkEvent,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { cutText } from "../model/json/text.ts";
import { MAX_CAUSE, MAX_ERROR_NAME } from "../model/limits.ts";
import { iso } from "../model/time/clock.ts";
import type { BulkJobs, Drains, Executions, HistoryEvent, Loops } from "./ports.ts";

/** Enough events for a generated state since its entry, with a few retries. */
const NEWEST = 20;

/** Executions over the AWS SDK. */
export const sfnExecutions = (client: SFNClient): Executions => ({
  async start({ machineArn, name, input }) {
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input }));
      return "started";
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return "exists";
      if (error instanceof StateMachineDoesNotExist) return "no-machine";
      if (error instanceof StateMachineDeleting) return "deleting";
      throw error;
    }
  },

  async stop(executionArn, error, cause) {
    const text = { error: cutText(error, MAX_ERROR_NAME), cause: cutText(cause, MAX_CAUSE) };
    await unlessMissing(client.send(new StopExecutionCommand({ executionArn, ...text })));
  },

  succeed: (taskToken, output) => settle(client.send(new SendTaskSuccessCommand({ taskToken, output }))),

  fail: (taskToken, error, cause) =>
    settle(
      client.send(
        new SendTaskFailureCommand({
          taskToken,
          error: cutText(error, MAX_ERROR_NAME),
          cause: cutText(cause, MAX_CAUSE),
        }),
      ),
    ),

  async describe(executionArn) {
    const found = await unlessMissing(client.send(new DescribeExecutionCommand({ executionArn })));
    if (found?.status === undefined) return undefined;
    const { status, input, output, error, cause, startDate, stopDate, redriveCount = 0 } = found;
    return {
      status,
      ...(startDate === undefined ? {} : { startedAt: iso(startDate.getTime()) }),
      ...(redriveCount === 0 ? {} : { redriveCount }),
      ...(input === undefined ? {} : { input: input.toWellFormed() }),
      ...(output === undefined ? {} : { output: output.toWellFormed() }),
      ...(error === undefined ? {} : { error: error.toWellFormed() }),
      ...(cause === undefined ? {} : { cause: cause.toWellFormed() }),
      ...(stopDate === undefined ? {} : { stoppedAt: iso(stopDate.getTime()) }),
    };
  },

  history: (executionArn) => eventsOf(client, { executionArn, includeExecutionData: true }, 1000),

  async length(executionArn) {
    const request = { executionArn, includeExecutionData: false, reverseOrder: true };
    // Event ids count from 1.
    for await (const { id } of eventsOf(client, request, 1)) return id;
    return 0;
  },

  async inputOf(executionArn, state) {
    const request = { executionArn, includeExecutionData: true, reverseOrder: true };
    for await (const { type, name, input } of eventsOf(client, request, NEWEST)) {
      if (type.endsWith("StateEntered") && name === state) return input;
    }
    return undefined;
  },

  async mapRun(mapRunArn) {
    try {
      const found = await client.send(new DescribeMapRunCommand({ mapRunArn }));
      const counts = found.executionCounts;
      const { pending = 0, running = 0, succeeded = 0, total = 0 } = counts ?? {};
      return {
        ...{ startedAt: found.startDate?.getTime() ?? 0, maxConcurrency: found.maxConcurrency ?? 0 },
        ...{ total, pending, running, succeeded },
        failed: (counts?.failed ?? 0) + (counts?.timedOut ?? 0) + (counts?.aborted ?? 0),
      };
    } catch (error) {
      if (error instanceof ResourceNotFound) return undefined;
      throw error;
    }
  },

  async openMapRuns(executionArn) {
    const open: string[] = [];
    try {
      for await (const { mapRuns = [] } of paginateListMapRuns({ client }, { executionArn })) {
        for (const { mapRunArn, stopDate } of mapRuns)
          if (mapRunArn !== undefined && stopDate === undefined) open.push(mapRunArn);
      }
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
    return open;
  },
});

async function* eventsOf(
  client: SFNClient,
  request: GetExecutionHistoryCommandInput,
  pageSize: number,
): AsyncGenerator<HistoryEvent> {
  try {
    for await (const page of paginateGetExecutionHistory({ client, pageSize }, request)) {
      for (const event of page.events ?? []) yield historyEvent(event);
    }
  } catch (error) {
    if (!(error instanceof ExecutionDoesNotExist)) throw error;
  }
}

/** These three errors mean that the token can no longer be used. */
const settle = async (sent: Promise<unknown>): Promise<"sent" | "settled"> => {
  try {
    await sent;
    return "sent";
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) {
      return "settled";
    }
    throw error;
  }
};

const unlessMissing = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
};

/** Step Functions has one details field per type of event. The parts that Sluice reads have the same names in all of them. */
const historyEvent = (event: SdkEvent): HistoryEvent => {
  const details: Record<string, unknown> = Object.assign(
    {},
    ...Object.entries(event)
      .filter(([field]) => field.endsWith("EventDetails"))
      .map(([, value]) => value),
  );
  const text = (field: string) => {
    const value = details[field];
    return typeof value === "string" ? { [field]: value.toWellFormed() } : {};
  };
  const assigned = Object.entries(event.stateExitedEventDetails?.assignedVariables ?? {});
  return {
    id: event.id ?? 0,
    previousId: event.previousEventId ?? 0,
    time: event.timestamp?.getTime() ?? 0,
    type: event.type ?? "",
    ...(typeof details["index"] === "number" ? { index: details["index"] } : {}),
    ...text("name"),
    ...text("input"),
    ...text("output"),
    ...text("error"),
    ...text("cause"),
    ...text("mapRunArn"),
    ...text("resource"),
    ...text("resourceType"),
    ...text("parameters"),
    ...(assigned.length === 0
      ? {}
      : { assigned: Object.fromEntries(assigned.map(([name, value]) => [name, value.toWellFormed()])) }),
  };
};

const sfnLoops = <Name, State extends Name>(
  executions: Executions,
  machineArn: () => string,
  nameOf: (of: Name) => string,
): Loops<State, Name> => ({
  async start(state) {
    const request = { machineArn: machineArn(), name: nameOf(state), input: JSON.stringify(state) };
    const outcome = await executions.start(request);
    if (outcome === "no-machine" || outcome === "deleting")
      throw new Error(`State machine ${request.machineArn} does not exist`);
    return outcome;
  },
  async isRunning(name) {
    const arn = `${machineArn().replace(":stateMachine:", ":execution:")}:${nameOf(name)}`;
    return (await executions.describe(arn))?.status === "RUNNING";
  },
});

export const sfnDrains = (executions: Executions, machineArn: () => string): Drains =>
  sfnLoops(executions, machineArn, ({ incarnation, epoch, attempt }) => `${incarnation}-${epoch}-${attempt}`);

export const sfnBulkJobs = (executions: Executions, machineArn: () => string): BulkJobs =>
  sfnLoops(executions, machineArn, ({ bulkId, attempt }) => `${bulkId}-${attempt}`);
