import { isJsonObject, type Json, type JsonObject } from "../model/json/json.ts";
import { expressionsOf } from "./parse/expressions.ts";
import type { Machine, StateNode } from "./parse/machine.ts";
import { humanKind } from "./parse/sluice-field.ts";

/** A test of one state with TestState. */
export interface StateTest {
  /** A machine that contains the state and, in place of those that follow, ends with their names. */
  readonly definition: JsonObject;
  /** The state evaluates what it calls, and its call must be mocked. Only then can a test have a context object. */
  readonly calls: boolean;
}

/**
 * Returns the test of a top-level state: of a Task, Parallel or Map only what it passes on, of a Pass, Choice or Succeed the whole state. A
 * reason if it cannot be tested. A Task on a function takes any input, so one on `anyFunction`, an ARN, evaluates for the other types.
 */
export function stateTest(
  machine: Machine,
  state: StateNode,
  anyFunction: string,
): StateTest | { readonly unknown: string } {
  const evaluated = passedOn(state, anyFunction);
  if (evaluated !== undefined)
    return { definition: alone(machine, state, { ...evaluated, End: true }), calls: true };
  if (expressionsOf(state).some((text) => readsContext(text, state)))
    return { unknown: `"${state.name}" reads the context object, which only an execution has.` };
  return { definition: alone(machine, state, state.body), calls: false };
}

/** A Task that evaluates what the state passes on to its call, its branches or its iterations; undefined for other states. */
function passedOn(state: StateNode, anyFunction: string): JsonObject | undefined {
  const { Resource, InputPath, Parameters, Arguments, ItemsPath, Items, QueryLanguage } = state.body;
  const common = defined({ Type: "Task", QueryLanguage, InputPath });
  const human = humanKind(state) !== undefined;
  switch (state.type) {
    case "Task":
      return {
        ...common,
        ...defined({ Resource: human ? anyFunction : Resource, Parameters, Arguments }),
        ...limitsOf(state.body),
      };
    case "Parallel":
      return { ...common, ...defined({ Resource: anyFunction, Parameters, Arguments }) };
    case "Map":
      return {
        ...common,
        Resource: anyFunction,
        ...(state.language === "JSONata"
          ? { Arguments: Items ?? "{% $states.input %}" }
          : { Parameters: { "items.$": ItemsPath ?? "$" } }),
      };
    default:
      return undefined;
  }
}

const defined = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined),
  );

/** The fields with which a Task can fail before its call. */
const limitsOf = ({
  TimeoutSeconds,
  TimeoutSecondsPath,
  HeartbeatSeconds,
  HeartbeatSecondsPath,
}: JsonObject) => defined({ TimeoutSeconds, TimeoutSecondsPath, HeartbeatSeconds, HeartbeatSecondsPath });

const READS_CONTEXT = { JSONPath: /\$\$/, JSONata: /\$states(?!\s*\.\s*(input|result|errorOutput)\b)/ };
const readsContext = (text: string, { language }: StateNode): boolean => READS_CONTEXT[language].test(text);

function alone(machine: Machine, state: StateNode, body: JsonObject): JsonObject {
  const { QueryLanguage } = machine.body;
  const { Comment: _comment, ...rest } = body;
  const targets = [...nextNames(rest)].filter((name) => name !== state.name);
  return {
    ...defined({ QueryLanguage }),
    StartAt: state.name,
    States: {
      [state.name]: rest,
      ...Object.fromEntries(targets.map((name) => [name, { Type: "Succeed" }])),
    },
  };
}

function* nextNames(body: JsonObject): Generator<string> {
  const rules = Array.isArray(body["Choices"]) ? body["Choices"] : [];
  for (const name of [
    body["Next"],
    body["Default"],
    ...rules.map((rule) => (isJsonObject(rule) ? rule["Next"] : undefined)),
  ])
    if (typeof name === "string") yield name;
}

/** Whether a Catch of the state handles the error, as far as its name tells. */
export const catches = ({ body }: StateNode, error: string): boolean =>
  Array.isArray(body["Catch"]) &&
  body["Catch"].some((rule) => {
    const names = isJsonObject(rule) && Array.isArray(rule["ErrorEquals"]) ? rule["ErrorEquals"] : [];
    return names.includes(error) || (error !== "States.Runtime" && names.includes("States.ALL"));
  });
