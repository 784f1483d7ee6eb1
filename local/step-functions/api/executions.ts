import { randomUUID } from "node:crypto";
import type { Definition } from "../model/definition.ts";
import {
  constraint,
  executionExists,
  invalidInput,
  machineDeleting,
  noExecution,
  notRedrivable,
  wrongType,
} from "../model/errors.ts";
import type { Execution } from "../model/execution.ts";
import { jsonProblem, PAYLOAD_LIMIT } from "../model/payload.ts";
import { forgetExecution } from "../store/index.ts";
import type { Machine, Version } from "../store/machines.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import { checkExecutionArn, parseMachineArn } from "./arns.ts";
import { runnableAt } from "./lookup.ts";
import { checkName, type Parameters, readPage } from "./parameters.ts";

const DAY = 86_400_000;
/** Time after its end for which an execution's name stays reserved. */
const NAME_RETENTION = 90 * DAY;
/** The longest duration of an execution. */
const MAX_DURATION = 365 * DAY;
/** The longest duration of an EXPRESS execution. */
const MAX_EXPRESS_DURATION = 300_000;
const REDRIVE_PERIOD = 14 * DAY;
const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

export function executionAt(api: Api, parameters: Parameters): Execution {
  const arn = checkExecutionArn(parameters.required("executionArn"));
  const execution = api.stores.executions.byArn(arn);
  if (!execution) throw noExecution(arn);
  return execution;
}

const lifetime = (definition: Definition, longest = MAX_DURATION): number =>
  Math.min((definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000, longest);

function inputOf(parameters: Parameters): string {
  const input = parameters.optional("input") ?? "{}";
  if (input.length > PAYLOAD_LIMIT)
    throw constraint("", "input", `Member must have length less than or equal to ${PAYLOAD_LIMIT}`);
  if (Buffer.byteLength(input) > PAYLOAD_LIMIT)
    throw invalidInput("Input size exceeds the maximum number of bytes service limit.");
  const problem = input === "" ? "Invalid execution input." : jsonProblem(input);
  if (problem !== undefined) throw invalidInput(problem);
  return input;
}

export const startExecution: Operation = (api, parameters) => {
  const { stores, clock, arns, runner } = api;
  const { machine, version } = runnableAt(api, parameters.required("stateMachineArn"));
  const name = checkName(parameters.optional("name") ?? randomUUID());
  const input = inputOf(parameters);
  if (machine.type === "EXPRESS") return { ...startExpress(api, machine, version, name, input) };
  const arn = arns.execution(machine.arn, name);
  const known = stores.executions.byArn(arn);
  if (known) {
    if (known.status === "RUNNING" && stores.executions.input(known.id) === input)
      return { executionArn: arn, startDate: seconds(known.started) };
    if (known.status === "RUNNING" || clock.now() - (known.stopped ?? 0) < NAME_RETENTION)
      throw executionExists(arn);
    forgetExecution(stores, known.id);
  }
  if (machine.status === "DELETING") throw machineDeleting(machine.arn);
  const started = clock.now();
  const { definition, role } = version ?? machine;
  const parsed = stores.definitions.get(definition);
  const execution = stores.executions.insert({
    arn,
    machine: machine.arn,
    version: version?.number,
    name,
    definition,
    role,
    input,
    started,
    deadline: started + lifetime(parsed),
  });
  runner.stateDeps.transitions.begin(execution, parsed, input);
  return { executionArn: arn, startDate: seconds(started) };
};

/** Starts an execution of an EXPRESS machine. Their names need not be unique. */
function startExpress(
  { stores, clock, arns, runner }: Api,
  machine: Machine,
  version: Version | undefined,
  name: string,
  input: string,
): { readonly executionArn: string; readonly startDate: number } {
  if (machine.status === "DELETING") throw machineDeleting(machine.arn);
  const started = clock.now();
  const { definition, role } = version ?? machine;
  const parsed = stores.definitions.get(definition);
  const arn = arns.express(machine.arn, name, randomUUID());
  const execution = stores.executions.insert({
    ...{ arn, machine: machine.arn, version: version?.number, name, definition, role, input, started },
    deadline: started + lifetime(parsed, MAX_EXPRESS_DURATION),
  });
  runner.stateDeps.transitions.begin(execution, parsed, input);
  return { executionArn: arn, startDate: seconds(started) };
}

/** Starts an execution of an EXPRESS machine, whose end the caller awaits. */
export const startSyncExecution: Operation = (api, parameters) => {
  const { machine, version } = runnableAt(api, parameters.required("stateMachineArn"));
  if (machine.type !== "EXPRESS")
    throw wrongType(`StartSyncExecution is not supported for ${machine.type} machines`);
  const name = checkName(parameters.optional("name") ?? randomUUID());
  return { ...startExpress(api, machine, version, name, inputOf(parameters)) };
};

/** The answer of StartSyncExecution, when the execution has ended. */
export function syncResult(api: Api, executionArn: string): Record<string, unknown> {
  const execution = api.stores.executions.byArn(executionArn);
  if (!execution) throw noExecution(executionArn);
  const { input, output } = api.stores.executions.data(execution.id);
  const { machine, name, status, error, cause, started, stopped = started } = execution;
  const milliseconds = Math.max(100, Math.ceil((stopped - started) / 100) * 100);
  return {
    ...{ executionArn, stateMachineArn: machine, name, status },
    ...{ startDate: seconds(started), stopDate: seconds(stopped), input, inputDetails: { included: true } },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: milliseconds },
  };
}

/** Explains why an execution cannot be redriven; undefined if it can. */
function redriveRefusal(execution: Execution, now: number): string | undefined {
  const { status, stopped, started } = execution;
  if (status === "RUNNING" || status === "SUCCEEDED") return `Execution is ${status} and cannot be redriven`;
  if (now - (stopped ?? now) > REDRIVE_PERIOD)
    return "Execution has exceeded the redrivable period of 14 days and cannot be redriven";
  if (now - started > MAX_DURATION)
    return "Execution has exceeded its maximum duration and cannot be redriven";
  return undefined;
}

const summary = (execution: Execution): Record<string, unknown> => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine,
  ...(execution.version === undefined
    ? {}
    : { stateMachineVersionArn: `${execution.machine}:${execution.version}` }),
  name: execution.name,
  status: execution.status,
  startDate: seconds(execution.started),
  ...(execution.stopped === undefined ? {} : { stopDate: seconds(execution.stopped) }),
  redriveCount: execution.redrives,
  ...(execution.redriven === undefined ? {} : { redriveDate: seconds(execution.redriven) }),
});

export const describeExecution: Operation = (api, parameters) => {
  const { executions } = api.stores;
  const execution = executionAt(api, parameters);
  const { input, output } = executions.data(execution.id);
  const refusal = redriveRefusal(execution, api.clock.now());
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(execution.error === undefined ? {} : { error: execution.error }),
    ...(execution.cause === undefined ? {} : { cause: execution.cause }),
    redriveStatus: refusal === undefined ? "REDRIVABLE" : "NOT_REDRIVABLE",
    ...(refusal === undefined ? {} : { redriveStatusReason: refusal }),
  };
};

export const listExecutions: Operation = (api, parameters) => {
  const arn = parameters.required("stateMachineArn");
  const { machine } = runnableAt(api, arn);
  if (machine.type === "EXPRESS") throw wrongType("ListExecutions is not supported for EXPRESS machines");
  const status = parameters.optional("statusFilter");
  if (status !== undefined && !STATUSES.includes(status))
    throw constraint(
      `'${status}'`,
      "statusFilter",
      `Member must satisfy enum value set: [${STATUSES.join(", ")}]`,
    );
  const { version } = parseMachineArn(arn);
  const { entries, next } = readPage(
    parameters,
    "executions",
    (before, limit) =>
      api.stores.executions.list({
        machine: machine.arn,
        version,
        status,
        before: Number(before ?? Number.MAX_SAFE_INTEGER),
        limit,
      }),
    ({ id }) => id,
  );
  return { executions: entries.map(summary), ...next };
};

/** For an execution that has ended, returns the time of its end. */
export const stopExecution: Operation = (api, parameters) => {
  const execution = executionAt(api, parameters);
  const error = parameters.optional("error", 256);
  const cause = parameters.optional("cause", 32_768);
  if (execution.status === "RUNNING")
    api.runner.stateDeps.transitions.finish(
      execution.id,
      "ABORTED",
      { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) },
      undefined,
      0,
    );
  return { stopDate: seconds(api.stores.executions.get(execution.id).stopped ?? api.clock.now()) };
};

export const redriveExecution: Operation = (api, parameters) => {
  const { stores, clock, runner } = api;
  const execution = executionAt(api, parameters);
  const refusal = redriveRefusal(execution, clock.now());
  if (refusal !== undefined) throw notRedrivable(execution.arn, refusal);
  const now = clock.now();
  runner.stateDeps.transitions.redrive(
    execution,
    now + lifetime(stores.definitions.get(execution.definition)),
  );
  return { redriveDate: seconds(now) };
};
