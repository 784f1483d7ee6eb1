import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/model/json/json.ts";
import type { JsonataScope } from "../values/types.ts";
import { evaluateJsonata, isJsonataString } from "./jsonata.ts";

const scope: JsonataScope = {
  input: {
    input_value: "string literal",
    input_values: [1, 2, 3],
    part1: { hello: "world" },
    part2: { foo: "bar" },
  },
  context: { State: { Name: "S" } },
  variables: { var_constant_1: 1, one: [7] },
};
const of = (expression: string, field = "Output") => evaluateJsonata(`{% ${expression} %}`, scope, field);

describe("recognizing expressions", () => {
  it.each<[Json, boolean]>([
    ["{% 1 %}", true],
    ["{%1%}", true],
    ["{%\n1\n%}", true],
    ["{%%}", true],
    ["{%}", false],
    [" {% $states.input %} ", false],
    ["{% 1 %} ", false],
    ["$states.input", false],
    ["", false],
    [1, false],
  ])("%j", (text, expected) => {
    expect(isJsonataString(text)).toBe(expected);
  });

  it("leaves everything else unchanged", async () => {
    const literal: Json = {
      null_: null,
      float: 0.1,
      list: [null, 0, true, [], { constant: 0 }, " {% states.input %} ", "$states.input"],
      "constant_jp_input.$": "$",
      intrinsic: "States.Format('Format:{}', 101)",
      empty: {},
    };
    expect(await evaluateJsonata(literal, scope, "Output")).toEqual(literal);
  });
});

describe("values", () => {
  it.each<[string, Json]>([
    ["$states.input.input_value", "string literal"],
    ["$sum($states.input.input_values) + $var_constant_1", 7],
    ["$merge([$states.input.part1, $states.input.part2])", { hello: "world", foo: "bar" }],
    ["$states.context.State.Name", "S"],
    ["$one", [7]],
    ["$one[0]", 7],
    ["$states.input.input_values[$ > 1]", [2, 3]],
    ["$states.input.input_values[$ > 2]", 3],
    ["$states.input.input_values[$ > 2][]", [3]],
    ["{'k': $states.input.absent, 'f': function($x){$x}, 'n': null}", { n: null }],
    ["null", null],
    ["$contains('abc', /b/)", true],
    ["$replace('a1b2', /[0-9]/, '#')", "a#b#"],
    ["$pad('a', -5, 'xy')", "xyxya"],
    ["$pad('a', 3) & '.'", "a  ."],
    ["$pad('abc', 2)", "abc"],
  ])("%s", async (expression, expected) => {
    expect(await of(expression)).toEqual(expected);
  });

  it("fills expressions at every depth", async () => {
    const template: Json = { a: ["{% 1 + 1 %}", { b: "{% $states.input.input_value %}" }], c: "plain" };
    expect(await evaluateJsonata(template, scope, "Arguments")).toEqual({
      a: [2, { b: "string literal" }],
      c: "plain",
    });
  });

  it("sees result and errorOutput if they are given", async () => {
    const more: JsonataScope = { ...scope, result: { ok: true }, errorOutput: { Error: "E", Cause: "C" } };
    expect(await evaluateJsonata("{% $states.result.ok %}", more, "Output")).toBe(true);
    expect(await evaluateJsonata("{% $states.errorOutput %}", more, "Output")).toEqual({
      Error: "E",
      Cause: "C",
    });
    await expect(of("$states.result")).rejects.toThrow("returned nothing (undefined).");
  });

  it("returns plain arrays and leaves the input unchanged", async () => {
    const before = JSON.stringify(scope);
    const list = await of("$append($states.input.input_values, 4)[]");
    expect(Reflect.ownKeys(Object(list))).toEqual(["0", "1", "2", "3", "length"]);
    await of("$states.input ~> |part1|{'hello': 'changed'}|");
    expect(JSON.stringify(scope)).toBe(before);
  });

  it("gives no access to a prototype", async () => {
    await expect(of("$states.constructor")).rejects.toThrow("returned nothing");
    await expect(of("$states.input.input_values.__proto__")).rejects.toThrow("returned nothing");
    const merged = await of("$merge([{'__proto__': {'polluted': 1}}])");
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("the functions of Step Functions", () => {
  it.each<[string, Json]>([
    ["$partition([0], 1)", [[0]]],
    ["$partition([0, 1], 5)", [[0, 1]]],
    ["$partition([1,2,3,4,5], 2.9)", [[1, 2], [3, 4], [5]]],
    ["$range(0, 9, 3)", [0, 3, 6, 9]],
    ["$range(0, 10, 3)", [0, 3, 6, 9]],
    ["$range(1, 9, 9)", 1],
    ["$range(5, 1, -2)", [5, 3, 1]],
    ["$range(-1.7, 2, 1)", [-1, 0, 1, 2]],
    ["$hash('input data', 'SHA-256')", "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"],
    ["$parse('-0') + 1", 1],
    ["$parse('[1, 2, \"HelloWorld\"]')", [1, 2, "HelloWorld"]],
    ['$parse(\'{"Arg1": 1, "Arg2": []}\')', { Arg1: 1, Arg2: [] }],
    ["$parse('null')", null],
    ["$random(3) = $random(3) and $random() < 1", true],
    ["$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4/).index", 0],
  ])("%s", async (expression, expected) => {
    expect(await of(expression)).toEqual(expected);
  });

  it.each(["$partition([], 1)", "$partition([1], 0)", "$range(1, 5)", "$range(1, 5, -1)", "$hash('x')"])(
    "%s is undefined",
    async (expression) => {
      await expect(of(expression)).rejects.toThrow(
        `'${expression}' specified for the field 'Output' returned nothing`,
      );
    },
  );
});

describe("failures", () => {
  it.each([
    ["$doesNotExist", "Output", "returned nothing (undefined)."],
    ["function($x){$x}", "Output", "returned an unsupported result type."],
    ["$eval('1')", "Output", "threw an error during evaluation. T1006: Attempted to invoke a non-function"],
    [
      "$parse(null)",
      "Assign",
      'threw an error during evaluation. T0410: Argument 1 of function "parse" does not match function signature',
    ],
    [
      "$sqrt(-1)",
      "Choices[1]/Condition",
      "threw an error during evaluation. D3060: The sqrt function cannot be applied to a negative number: -1",
    ],
    ["$error('mine')", "Output", "threw an error during evaluation. D3137: mine"],
  ])("%s in %s", async (expression, field, what) => {
    await expect(of(expression, field)).rejects.toMatchObject({
      error: "States.QueryEvaluationError",
      cause_: `The JSONata expression '${expression}' specified for the field '${field}' ${what}`,
    });
  });

  it("name the inner field", async () => {
    const template: Json = { a: [0, { b: "{% $states.input.missing %}" }] };
    await expect(evaluateJsonata(template, scope, "Arguments")).rejects.toThrow(
      "The JSONata expression '$states.input.missing' specified for the field 'Arguments/a[1]/b' returned nothing (undefined).",
    );
  });

  it.each([
    "(",
    "$hash('x', 'sha256')",
    "$parse('{')",
    "1 + 'a'",
    "$range(1, 1e9, 1)",
    "$pad('a', 1e9)",
    "[1..2000000]",
  ])("%s", async (expression) => {
    await expect(of(expression)).rejects.toMatchObject({ error: "States.QueryEvaluationError" });
  });

  it.each([
    ["($f := function(){ $f() }; $f())", "Evaluation timeout"],
    ["($f := function($x){ 1 + $f($x) }; $f(1))", "Stack overflow"],
    ["$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)", "timed out"],
    ["($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f(1, 40))", "memory limit"],
    ["$pad('a', 1048577)", "memory limit"],
  ])("%s ends", async (expression, why) => {
    const begin = performance.now();
    await expect(of(expression)).rejects.toThrow(why);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
