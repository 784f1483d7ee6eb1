import { randomUUID } from "node:crypto";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { definitionOf } from "../definition/validate.ts";
import { matchesError } from "../interpreter/retry-and-catch.ts";
import { invalidDefinition, invalidInput, noExecution, validation } from "../model/errors.ts";
import type { Failure, Outcome } from "../model/frame.ts";
import { jsonProblem, PAYLOAD_LIMIT } from "../model/payload.ts";
import type { Tested } from "../model/tested.ts";
import { forgetExecution } from "../store/index.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import type { Parameters } from "./parameters.ts";

/** The longest duration of a test: five minutes, as on the service. */
const LONGEST = 300_000;
/** Marks the end of a test that a Catch has reached. */
const CAUGHT = "caught:";
const NAME = "TestState";

const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/** The name of the state that assigns the given variables. */
const VARIABLES = "variables:given";

const objectIn = (text: string): JsonObject | undefined => {
  const value = jsonProblem(text) === undefined ? (JSON.parse(text) as Json) : undefined;
  return isJsonObject(value) ? value : undefined;
};

function parsed(text: string): JsonObject {
  const value = objectIn(text);
  if (value !== undefined) return value;
  throw invalidDefinition("Definition must be a valid JSON object");
}

function objectOf(parameters: Parameters, name: string): JsonObject {
  const text = parameters.optional(name, PAYLOAD_LIMIT);
  const value = text === undefined ? {} : objectIn(text);
  if (value !== undefined) return value;
  throw validation(`${name} must be a valid JSON object`);
}

/** The mocked result or error. As on the service, only a Task, a Parallel or a Map can have one. */
function mockOf(parameters: Parameters, type: Json | undefined): Outcome | undefined {
  const mock = parameters.raw("mock");
  if (!isJsonObject(mock as Json)) {
    if (!parameters.has("context")) return undefined;
    throw validation("Context can only be specified when a mock is specified");
  }
  if (type !== "Task")
    throw validation(
      type === "Parallel" || type === "Map"
        ? `The local stack mocks only Task states, not a ${type}`
        : `State type '${String(type)}' is not supported when a mock is specified`,
    );
  const { result, errorOutput } = mock as JsonObject;
  if (isJsonObject(errorOutput)) return { failure: errorOutput as Failure };
  const problem = jsonProblem(String(result));
  if (problem !== undefined) throw validation("Mocked result must be valid JSON");
  return { output: JSON.parse(String(result)) as Json };
}

/** The state that the request names, or the definition itself, and the language of its machine. */
function stateOf(parameters: Parameters): {
  readonly state: JsonObject;
  readonly language: Json | undefined;
} {
  const definition = parsed(parameters.required("definition", 1_048_576));
  const name = parameters.optional("stateName");
  const states = definition["States"];
  if (name === undefined && !isJsonObject(states)) return { state: definition, language: undefined };
  if (name === undefined) throw validation("stateName is required for the definition of a state machine");
  const state = isJsonObject(states) ? states[name] : undefined;
  if (!isJsonObject(state)) throw validation(`State '${name}' not found in the definition`);
  return { state, language: definition["QueryLanguage"] };
}

/** A machine that ends after the state, at a state with the name of the next one. */
function machineOf(state: JsonObject, language: Json | undefined, variables: readonly string[]): JsonObject {
  const ends = new Map<string, string>();
  const end = (name: Json | undefined, mark = ""): Json => {
    if (typeof name !== "string") return null;
    ends.set(`${mark}${name}`, name);
    return `${mark}${name}`;
  };
  const rule = (given: JsonObject, mark?: string): JsonObject => ({
    ...given,
    Next: end(given["Next"], mark),
  });
  const { Retry: _, Catch: caught, Choices: choices, Next: next, Default: otherwise, ...rest } = state;
  const tested: JsonObject = {
    ...rest,
    ...(next === undefined ? {} : { Next: end(next) }),
    ...(otherwise === undefined ? {} : { Default: end(otherwise) }),
    ...(choices === undefined ? {} : { Choices: objects(choices).map((one) => rule(one)) }),
    ...(caught === undefined ? {} : { Catch: objects(caught).map((one) => rule(one, CAUGHT)) }),
  };
  const others = [...ends.keys()].map((name) => [name, { Type: "Succeed" }]);
  return {
    ...(language === undefined ? {} : { QueryLanguage: language }),
    // A test does not retry; it says whether an execution would.
    Comment: JSON.stringify(state["Retry"] ?? []),
    StartAt: variables.length === 0 ? NAME : VARIABLES,
    States: {
      ...(variables.length === 0 ? {} : { [VARIABLES]: assigning(variables, language) }),
      [NAME]: tested,
      ...(Object.fromEntries(others) as JsonObject),
    },
  };
}

/** A state that takes the variables out of the wrapped input. A JSONata path would unwrap lists of one item, $lookup does not. */
const assigning = (names: readonly string[], language: Json | undefined): JsonObject =>
  language === "JSONata"
    ? {
        Type: "Pass",
        Assign: Object.fromEntries(
          names.map((name) => [name, `{% $lookup($states.input.variables, '${name}') %}`]),
        ),
        Output: "{% $lookup($states.input, 'input') %}",
        Next: NAME,
      }
    : {
        Type: "Pass",
        Assign: Object.fromEntries(names.map((name) => [`${name}.$`, `$.variables['${name}']`])),
        OutputPath: "$.input",
        Next: NAME,
      };

/** Starts the test of one state. The execution belongs to no machine, and is deleted when its result has been told. */
export const testState: Operation = (api, parameters) => {
  const { stores, clock, arns, runner } = api;
  const { state, language } = stateOf(parameters);
  const mock = mockOf(parameters, state["Type"]);
  const variables = objectOf(parameters, "variables");
  const text = definitionOf(JSON.stringify(machineOf(state, language, Object.keys(variables))), "STANDARD");
  const input = parameters.optional("input") ?? "{}";
  const problem = jsonProblem(input);
  if (problem !== undefined) throw invalidInput(problem);
  const definition = stores.definitions.put(text);
  const region = stores.definitions.get(definition);
  const started = clock.now();
  const wrapped =
    Object.keys(variables).length === 0
      ? input
      : `{"input":${input},"variables":${JSON.stringify(variables)}}`;
  const execution = stores.executions.insert({
    ...{ arn: arns.express(arns.machine(NAME), NAME, randomUUID()) },
    ...{ machine: arns.machine(NAME), version: undefined, name: NAME, definition, input: wrapped, started },
    ...{ role: parameters.optional("roleArn", 256) ?? "", deadline: started + LONGEST },
  });
  stores.executions.tested.set(execution.id, {
    ...{ input, variables, context: objectOf(parameters, "context") },
    ...(mock === undefined ? {} : { mock }),
    callField: (state["QueryLanguage"] ?? language) === "JSONata" ? "afterArguments" : "afterParameters",
    inspects: (parameters.optional("inspectionLevel") ?? "INFO") !== "INFO",
  });
  runner.stateDeps.transitions.begin(execution, region, wrapped);
  return { executionArn: execution.arn, startDate: seconds(started) };
};

interface Event {
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string; readonly input: string };
  readonly stateExitedEventDetails?: { readonly assignedVariables?: Readonly<Record<string, string>> };
  readonly lambdaFunctionScheduledEventDetails?: { readonly input: string };
  readonly activityScheduledEventDetails?: { readonly input: string };
  readonly taskScheduledEventDetails?: { readonly parameters: string };
}

export function testStateResult(api: Api, executionArn: string): Record<string, unknown> {
  const { stores } = api;
  const execution = stores.executions.byArn(executionArn);
  if (!execution) throw noExecution(executionArn);
  const events = stores.history.page(execution.id, { after: 0, limit: 25_000, reverse: false, data: true });
  const { output } = stores.executions.data(execution.id);
  const tested = stores.executions.tested.get(execution.id);
  const { status, error, cause } = execution;
  const next = (events as unknown as Event[]).findLast(({ type }) => type === "SucceedStateEntered");
  const name = next?.stateEnteredEventDetails?.name;
  const retriers = retriersOf(stores.definitions.text(execution.definition));
  forgetExecution(stores, execution.id);
  const inspectionData = tested === undefined ? {} : inspected(events as unknown as Event[], tested);
  if (name?.startsWith(CAUGHT)) {
    const result = next?.stateEnteredEventDetails?.input;
    return {
      status: "CAUGHT_ERROR",
      output: result,
      nextState: name.slice(CAUGHT.length),
      inspectionData,
      ...failureIn(events),
    };
  }
  if (status === "SUCCEEDED")
    return {
      status,
      output,
      ...(name === undefined || name === NAME ? {} : { nextState: name }),
      inspectionData,
    };
  const failure = { error: status === "TIMED_OUT" ? "States.Timeout" : error, cause };
  const retried = retriers.some((rule) => matchesError(rule, failure as { error: string }));
  return { status: retried ? "RETRIABLE" : "FAILED", ...failure, inspectionData };
}

/** The data that the state's call gets, and the variables after the state, as the history shows them. */
function inspected(
  events: readonly Event[],
  { input, variables, inspects, callField }: Tested,
): Record<string, string> {
  if (!inspects) return { input };
  const call = events.findLast(({ type }) => type.endsWith("Scheduled"));
  const given =
    call?.lambdaFunctionScheduledEventDetails?.input ??
    call?.activityScheduledEventDetails?.input ??
    call?.taskScheduledEventDetails?.parameters;
  const assigned = events.map(
    ({ stateExitedEventDetails }) => stateExitedEventDetails?.assignedVariables ?? {},
  );
  const after = Object.entries(Object.assign({}, ...assigned) as Record<string, string>).map(
    ([name, value]) => [name, JSON.parse(value) as Json],
  );
  return {
    input,
    ...(given === undefined ? {} : { [callField]: given }),
    variables: JSON.stringify({ ...variables, ...Object.fromEntries(after) }),
  };
}

function retriersOf(definition: string): JsonObject[] {
  const { Comment: retry } = JSON.parse(definition) as JsonObject;
  return objects(JSON.parse(String(retry)) as Json);
}

/** The last failure in the history: the one that was caught. */
function failureIn(events: readonly Record<string, unknown>[]): Record<string, unknown> {
  for (const event of events.toReversed())
    for (const value of Object.values(event)) {
      const { error, cause } = isJsonObject(value as Json) ? (value as JsonObject) : {};
      if (typeof error === "string") return { error, ...(cause === undefined ? {} : { cause }) };
    }
  return {};
}
