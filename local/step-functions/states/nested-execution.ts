import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { serviceAnswer, serviceCause } from "../../aws/service-answer.ts";
import { AwsError } from "../../ports/services.ts";
import type { StateDeps } from "../interpreter/state-module.ts";
import type { Failure, Outcome } from "../model/frame.ts";

/** An execution that a Task has started, as DescribeExecution describes it. Times are epoch seconds. */
export interface NestedExecution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

type Started = { readonly executionArn: string; readonly output: Json } | { readonly failure: Failure };

/** Starts the execution of a `states:startExecution`. As recorded from the service: a parameter that is null is absent. */
export function startNested(deps: StateDeps, parameters: Json): Started {
  const { StateMachineArn: machine, Input: input, Name: name } = isJsonObject(parameters) ? parameters : {};
  const given = {
    stateMachineArn: machine,
    name,
    input: typeof input === "object" && input !== null ? JSON.stringify(input) : input,
  };
  const request = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
  );
  try {
    const { executionArn, startDate } = deps.startExecution(request);
    const output = { ExecutionArn: String(executionArn), StartDate: milliseconds(Number(startDate)) };
    return { executionArn: String(executionArn), output: { ...output, ...serviceAnswer() } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { name: code, message, status } = error;
    const cause = serviceCause({ service: "AWSStepFunctions", status, code, message });
    return { failure: { error: `StepFunctions.${code.replace(/(Exception)?$/, "Exception")}`, cause } };
  }
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000);

/** Returns the result of a Task that waits for its execution. `parsed`: input and output are JSON values, not strings. */
export function nestedOutcome(execution: NestedExecution, parsed: boolean): Outcome {
  const { status, output, error, cause, stopDate } = execution;
  const value = (text: string): Json => (parsed ? (JSON.parse(text) as Json) : text);
  const described: JsonObject = {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: execution.executionArn,
    Input: status === "SUCCEEDED" ? value(execution.input) : execution.input,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(output === undefined ? {} : { Output: value(output), OutputDetails: { Included: true } }),
    StartDate: milliseconds(execution.startDate),
    StateMachineArn: execution.stateMachineArn,
    Status: status,
    ...(stopDate === undefined ? {} : { StopDate: milliseconds(stopDate) }),
  };
  if (status === "SUCCEEDED") return { output: described };
  return { failure: { error: "States.TaskFailed", cause: JSON.stringify(described) } };
}
