import { expect, test } from "vitest";
import type { JsonObject } from "../model/json/json.ts";
import { machineOf } from "./parse/graph.ts";
import { catches, stateTest } from "./state-test.ts";

const FUNCTION = "arn:aws-cn:lambda:cn-north-1:000000000000:function:any";
const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:charge";

/** The state `S` of a machine with this language, in which `T` follows. */
const stateIn = (S: JsonObject, more: JsonObject = {}) => {
  const machine = machineOf({ StartAt: "S", States: { S, T: { Type: "Succeed" } }, ...more });
  const state = machine?.top.states.get("S");
  if (machine === undefined || state === undefined) throw new Error("The definition cannot be read");
  return { machine, state };
};
const tested = (S: JsonObject, more: JsonObject = {}) => {
  const { machine, state } = stateIn(S, more);
  return stateTest(machine, state, FUNCTION);
};
const call = (S: JsonObject, more: JsonObject = {}) => ({
  ...{ calls: true, definition: { StartAt: "S", States: { S: { ...S, End: true } }, ...more } },
});
const JSONATA = { QueryLanguage: "JSONata" };

test("a call is tested without what follows it", () => {
  const input = { InputPath: "$.order", Parameters: { "cents.$": "$.amount" } };
  const rest = {
    ...{ ResultSelector: {}, ResultPath: "$.r", OutputPath: "$", Assign: { a: 1 }, Next: "T", Comment: "c" },
    ...{ Retry: [{ ErrorEquals: ["A"] }], Catch: [{ ErrorEquals: ["A"], Next: "T" }], Sluice: { Cost: 1 } },
  };
  const task = { Type: "Task", Resource: LAMBDA, ...input, TimeoutSecondsPath: "$.t" };
  expect(tested({ ...task, ...rest })).toEqual(call(task));
  expect(tested({ Type: "Parallel", Branches: [], ...input, ...rest })).toEqual(
    call({ Type: "Task", Resource: FUNCTION, ...input }),
  );
  const approval = { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "?" }, Next: "T" };
  expect(tested(approval)).toEqual(call({ Type: "Task", Resource: FUNCTION, Parameters: { Title: "?" } }));
});

test("a Map is tested with its items, in both languages", () => {
  const ItemProcessor = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };
  const map = { Type: "Map", ItemProcessor, Next: "T" };
  const items = (path: string) => ({ Type: "Task", Resource: FUNCTION, Parameters: { "items.$": path } });
  expect(tested({ ...map, ItemsPath: "$.list" })).toEqual(call(items("$.list")));
  expect(tested(map)).toEqual(call(items("$")));
  const given = (Arguments: string) => call({ Type: "Task", Resource: FUNCTION, Arguments }, JSONATA);
  expect(tested({ ...map, Items: "{% $states.input.list %}" }, JSONATA)).toEqual(
    given("{% $states.input.list %}"),
  );
  expect(tested(map, JSONATA)).toEqual(given("{% $states.input %}"));
});

test("a Pass or a Choice is tested whole, unless it reads the context object", () => {
  const end = { T: { Type: "Succeed" } };
  const pass = { Type: "Pass", Parameters: { "a.$": "$.a" }, Next: "T" };
  expect(tested(pass)).toEqual({ calls: false, definition: { StartAt: "S", States: { S: pass, ...end } } });
  const choice = { Type: "Choice", Choices: [{ Variable: "$.n", IsPresent: true, Next: "T" }], Default: "S" };
  expect(tested(choice)).toEqual({
    calls: false,
    definition: { StartAt: "S", States: { S: choice, ...end } },
  });
  const unknown = { unknown: expect.stringContaining('"S" reads the context object') };
  expect(tested({ ...pass, Parameters: { "n.$": "$$.Execution.Name" } })).toEqual(unknown);
  const output = (Output: string) => tested({ Type: "Pass", Output, Next: "T" }, JSONATA);
  expect(output("{% $states.context.Execution.Name %}")).toEqual(unknown);
  expect(output("{% $states %}")).toEqual(unknown);
  expect(output("{% $states.input.a & $x %}")).toMatchObject({ calls: false });
});

test("a Catch handles the errors that it names, and States.ALL all but States.Runtime", () => {
  const { state } = stateIn({
    ...{ Type: "Task", Resource: LAMBDA, Next: "T" },
    Catch: [
      { ErrorEquals: ["A", "B"], Next: "T" },
      { ErrorEquals: ["States.ALL"], Next: "T" },
    ],
  });
  expect(["B", "Other", "States.Runtime"].map((error) => catches(state, error))).toEqual([true, true, false]);
  const named = stateIn({
    Type: "Task",
    Resource: LAMBDA,
    Next: "T",
    Catch: [{ ErrorEquals: ["A"], Next: "T" }],
  });
  expect(["A", "B"].map((error) => catches(named.state, error))).toEqual([true, false]);
  expect(catches(stateIn({ Type: "Pass", Next: "T" }).state, "A")).toBe(false);
});
