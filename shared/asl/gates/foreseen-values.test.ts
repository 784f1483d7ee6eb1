import jsonata from "jsonata";
import { expect, it } from "vitest";
import type { Json, JsonObject } from "../../model/json/json.ts";
import { machineOf } from "../parse/graph.ts";
import type { StateNode } from "../parse/machine.ts";
import { foresee, referencePath } from "./foreseen-values.ts";

function wait(fields: JsonObject): StateNode {
  const state = machineOf({ StartAt: "W", States: { W: { Type: "Wait", End: true, ...fields } } })?.all[0];
  if (state === undefined) throw new Error("no state");
  return state;
}

const CONTEXT = { Execution: { Name: "run-1", Input: { "odd name": 5 } }, State: { Name: "the gate" } };

const evaluate = (expression: string, input: Json): Promise<unknown> =>
  jsonata(expression).evaluate(undefined, { states: { input, context: CONTEXT }, limit: { seconds: 8 } });

it.each<[string, JsonObject, Json, unknown]>([
  ["a literal", { Seconds: 30 }, {}, 30],
  ["a path", { SecondsPath: "$.a.b" }, { a: { b: 4 } }, 4],
  [
    "a path with an index and quotes",
    { SecondsPath: "$.list[1]['odd name']" },
    { list: [0, { "odd name": 9 }] },
    9,
  ],
  ["the input itself", { SecondsPath: "$" }, 12, 12],
  ["InputPath first", { InputPath: "$.inner", SecondsPath: "$.s" }, { s: 1, inner: { s: 2 } }, 2],
  ["InputPath into the context", { InputPath: "$$.Execution.Input", SecondsPath: "$['odd name']" }, {}, 5],
  ["a missing path", { SecondsPath: "$.a.b.c" }, { a: 1 }, undefined],
  ["a value of another type", { SecondsPath: "$.a" }, { a: "5" }, undefined],
  ["a prototype's member", { SecondsPath: "$.constructor" }, {}, undefined],
  ["a variable", { SecondsPath: "$limit.seconds" }, {}, 8],
  ["JSONata", { QueryLanguage: "JSONata", Seconds: "{% $states.input.a * 2 %}" }, { a: 3 }, 6],
  ["JSONata of another type", { QueryLanguage: "JSONata", Seconds: "{% 'x' %}" }, {}, undefined],
])("foresees %s", async (_what, fields, input, expected) => {
  const found = foresee(wait(fields), "Seconds", "number");
  expect(found).toBeDefined();
  expect(await evaluate(found?.expression ?? "", input)).toEqual(expected);
});

it.each<[string, JsonObject]>([
  ["a filter", { SecondsPath: "$.a[?(@.b)]" }],
  ["a wildcard", { SecondsPath: "$.a[*]" }],
  ["a descent", { SecondsPath: "$..a" }],
  ["an intrinsic function", { SecondsPath: "States.MathAdd($.a, 1)" }],
  ["no input", { InputPath: null, SecondsPath: "$.a" }],
  ["the state's own entry", { SecondsPath: "$$.State.RetryCount" }],
  [
    "JSONata that reads its state",
    { QueryLanguage: "JSONata", Seconds: "{% $length($states.context.State.Name) %}" },
  ],
  ["JSONata that takes the whole context", { QueryLanguage: "JSONata", Seconds: "{% $f($states) %}" }],
  ["nothing", { Timestamp: "2030-01-01T00:00:00Z" }],
])("does not foresee %s", (_what, fields) => {
  expect(foresee(wait(fields), "Seconds", "number")).toBeUndefined();
});

it("returns the name of the state, not of its gate", async () => {
  const found = foresee(wait({ TimestampPath: "$$.State.Name" }), "Timestamp", "string");
  expect(await evaluate(found?.expression ?? "", {})).toBe("W");
});

it("recognizes expressions that can fail at run time", () => {
  expect(foresee(wait({ SecondsPath: "$.a" }), "Seconds", "number")?.mayFail).toBe(false);
  expect(foresee(wait({ SecondsPath: "$v.a" }), "Seconds", "number")?.mayFail).toBe(true);
  expect(foresee(wait({ QueryLanguage: "JSONata", Seconds: "{% 1 %}" }), "Seconds", "number")?.mayFail).toBe(
    true,
  );
});

it("parses reference paths", () => {
  expect(referencePath("$.a['b c'][0]")).toEqual({ root: "$", steps: ["a", "b c", 0] });
  expect(referencePath("$$.Map.Item.Index")).toEqual({ root: "$$", steps: ["Map", "Item", "Index"] });
  expect(referencePath("$name.x")).toEqual({ root: "$name", steps: ["x"] });
  expect(referencePath("a.b")).toBeUndefined();
});
