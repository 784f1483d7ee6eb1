import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/model/json/json.ts";
import type { Scope } from "../values/types.ts";
import { evaluatePath, pathExists, setAtReferencePath } from "./jsonpath.ts";

const items = Array.from({ length: 11 }, (_, at) => ({ item_key: at }));
const scope: Scope = {
  input: {
    items,
    "delivery-partner": "UQS",
    nothing: null,
    deep: { "a.b": { "it's": 1 } },
    rows: [[1, 2], [3]],
    mixed: [null, 3, {}, { c: { d: 1 } }],
    orders: [
      { id: 1, state: "open", day: "2026-01-02" },
      { id: 2, state: "in-transit", day: "2026-01-02" },
      { id: 3, state: "true", paid: true },
    ],
  },
  context: { State: { Name: "Here" }, Execution: { Input: { "input-value": 0 } } },
  variables: { guess: "the_guess", config: { levels: [1, 2, 3] } },
};
const failure = (path: string, field?: string) => {
  try {
    return { value: evaluatePath(path, scope, field) };
  } catch (error) {
    return error;
  }
};

describe("definite paths", () => {
  it.each<[string, Json]>([
    ["$.items[10]", { item_key: 10 }],
    ["$.items[-1].item_key", 10],
    ["$.delivery-partner", "UQS"],
    ["$['delivery-partner']", "UQS"],
    ['$["delivery-partner"]', "UQS"],
    ["$.nothing", null],
    ["$.deep['a.b']['it\\'s']", 1],
    ["$.rows[1][0]", 3],
    ["$.items.length()", 11],
    ["$$.State.Name", "Here"],
    ["$$.Execution.Input", { "input-value": 0 }],
    ["$guess", "the_guess"],
    ["$config.levels[2]", 3],
    ["$$.State.Name ", "Here"],
    [" $.nothing", null],
  ])("%s", (path, expected) => {
    expect(evaluatePath(path, scope)).toEqual(expected);
  });

  it("return the whole input, the context and scalars", () => {
    expect(evaluatePath("$", scope)).toBe(scope.input);
    expect(evaluatePath("$$", scope)).toBe(scope.context);
    for (const input of [null, 0, "", false]) expect(evaluatePath("$", { ...scope, input })).toBe(input);
  });

  it("read an index past the end of an array as null, which is not present", () => {
    expect(evaluatePath("$.items[11]", scope)).toBeNull();
    expect(pathExists("$.items[11]", scope)).toBe(false);
    expect(failure("$.items[11].item_key")).toMatchObject({ error: "States.Runtime" });
  });

  it.each([
    "$.constructor",
    "$.__proto__",
    "$.items.length",
    "$constructor",
    "$$.toString",
    "$.deep['__proto__']",
  ])("%s has no value", (path) => {
    expect(pathExists(path, scope)).toBe(false);
    expect(failure(path)).toMatchObject({ error: "States.Runtime" });
  });
});

describe("several names in brackets", () => {
  it.each<[string, Json]>([
    ["$['nothing', \"delivery-partner\"]", { nothing: null, "delivery-partner": "UQS" }],
    ["$.items[1]['item_key','absent']", { item_key: 1 }],
    ["$.items[0:2]['item_key','absent']", [{ item_key: 0 }, { item_key: 1 }]],
    ["$.mixed[*]['c','d']", [{}, { c: { d: 1 } }]],
  ])("%s", (path, expected) => {
    expect(evaluatePath(path, scope)).toEqual(expected);
  });

  it("select members of an object", () => {
    expect(failure("$.rows['a','b']")).toMatchObject({ error: "States.Runtime" });
  });
});

describe("a backslash in a name in brackets", () => {
  const quoted: Scope = { ...scope, input: { 'a\\"b': 1, "it's": 2, "c\\\\d": 3 } };
  it.each<[string, Json]>([
    ["$['a\\\"b']", 1],
    ["$['it\\'s']", 2],
    ["$['c\\\\d']", 3],
  ])("%s", (path, expected) => {
    expect(evaluatePath(path, quoted)).toBe(expected);
  });
});

describe("indefinite paths", () => {
  it.each<[string, Json]>([
    ["$.absent[*].itemValue", []],
    ["$.absent[1:].itemValue", []],
    ["$.items[*].absent", []],
    ["$.items[0:2].item_key", [0, 1]],
    ["$.items[9:]", [{ item_key: 9 }, { item_key: 10 }]],
    ["$.items[0,2].item_key", [0, 2]],
    ["$.items[?(@.item_key > 8)].item_key", [9, 10]],
    ["$.items[?(@.item_key == 3)]", [{ item_key: 3 }]],
    ["$.mixed[?(@.c.d == 1)]", [{ c: { d: 1 } }]],
    ["$.orders[?(@.state==open)].id", [1]],
    ["$.orders[?(@.state == in-transit || @.state=='open')].id", [1, 2]],
    ["$.orders[?(@.day==2026-01-02 && @.id != 1)].id", [2]],
    ["$.orders[?(@.paid==true)].id", [3]],
    ["$.rows[*][*]", [1, 2, 3]],
    ["$..item_key", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ["$.deep.*", [{ "it's": 1 }]],
    ["$config.levels[*]", [1, 2, 3]],
    ["$$.Execution.*", [{ "input-value": 0 }]],
  ])("%s", (path, expected) => {
    expect(evaluatePath(path, scope)).toEqual(expected);
  });

  it("run no script and support none of the library's own operators", () => {
    for (const path of [
      "$.items[(@.length-1)]",
      "$.items[*]^",
      "$.items[*]~",
      "$..`x",
      "$.items[?(@.constructor.constructor('return process')().exit())]",
      "$.items[?(globalThis.process)]",
    ]) {
      const result = failure(path);
      if (result instanceof Error) expect(result).toMatchObject({ error: "States.Runtime" });
      else expect(result).toEqual({ value: [] });
    }
  });
});

describe("a path without a value", () => {
  it("is reported in the wording for its field", () => {
    const small: Scope = { ...scope, input: { "int-literal": 0 } };
    expect(() => evaluatePath("$.no_such_jsonpath", small, "value.$")).toThrow(
      "The JSONPath '$.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{\"int-literal\":0}'",
    );
  });

  it("names the first missing property for InputPath and OutputPath", () => {
    expect(failure("$.no.such.result.path")).toMatchObject({
      error: "States.Runtime",
      cause_: "Invalid path '$.no.such.result.path' : Missing property in path $['no']",
    });
    expect(failure("$.absent")).toMatchObject({
      cause_: "Invalid path '$.absent' : No results for path: $['absent']",
    });
  });

  it.each(["items", "", "$.", "$.items[", "$.items[x]", "$items[0", "$.a b["])("%s is not a path", (path) => {
    expect(failure(path)).toMatchObject({ error: "States.Runtime" });
  });
});

describe("setAtReferencePath", () => {
  it.each<[Json, string, Json]>([
    [{ a: 1 }, "$", "new"],
    [{}, "$.result", { result: "new" }],
    [{ a: 1 }, "$.b.c.d", { a: 1, b: { c: { d: "new" } } }],
    [{ detail: { shipped: ["A"] } }, "$.detail.out", { detail: { shipped: ["A"], out: "new" } }],
    [{ list: [1, 2] }, "$.list[1]", { list: [1, "new"] }],
    [{ a: 1 }, "$['x.y']", { a: 1, "x.y": "new" }],
  ])("%j at %s", (target, path, expected) => {
    const before = JSON.stringify(target);
    expect(setAtReferencePath(target, path, "new")).toEqual(expected);
    expect(JSON.stringify(target)).toBe(before);
  });

  it.each<[Json, string]>([
    ["text", "$.a"],
    [[1], "$.a"],
    [null, "$.a"],
    [{ a: 1 }, "$.a.b"],
    [{ a: null }, "$.a.b"],
    [{ list: [1] }, "$.list[1]"],
    [{ a: 1 }, "$.list[0]"],
    [{ a: [1] }, "$.a[*]"],
    [{ a: 1 }, "$$.a"],
  ])("%j cannot take %s", (target, path) => {
    expect(() => setAtReferencePath(target, path, 1)).toThrow(
      expect.objectContaining({ error: "States.ResultPathMatchFailure" }),
    );
  });

  it("makes __proto__ an own property", () => {
    const result = setAtReferencePath({}, "$.__proto__.polluted", true);
    expect(Object.hasOwn(Object(result), "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
