import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { evaluateChoiceRule } from "./choice-rule.ts";
import type { Scope } from "./values/types.ts";

const scopeOf = (input: Json): Scope => ({
  input,
  context: { State: { Name: "C" } },
  variables: { answer: "B" },
});
const holds = (rule: JsonObject, input: Json) => evaluateChoiceRule(rule, scopeOf(input));
const compare = (operator: string, variable: Json, value: Json) => {
  const literal = holds({ Variable: "$.Variable", [operator]: value, Next: "X" }, { Variable: variable });
  const byPath = holds(
    { Next: "X", Comment: "c", [`${operator}Path`]: "$.Value", Variable: "$.Variable" },
    { Variable: variable, Value: value },
  );
  expect(byPath).toBe(literal);
  return literal;
};

describe("comparisons, literal and by path", () => {
  it.each<[string, Json, Json, boolean]>([
    ["BooleanEquals", false, false, true],
    ["BooleanEquals", true, false, false],
    ["BooleanEquals", null, false, false],
    ["BooleanEquals", "true", true, false],
    ["NumericEquals", 0, 0, true],
    ["NumericEquals", null, 0, false],
    ["NumericEquals", "1", 1, false],
    ["NumericEquals", 1.1, 1.1, true],
    ["NumericGreaterThan", 1, 0.5, true],
    ["NumericGreaterThan", 1, 1, false],
    ["NumericGreaterThanEquals", 1, 1, true],
    ["NumericLessThan", -1, 0, true],
    ["NumericLessThan", 0, 0, false],
    ["NumericLessThanEquals", 0, 0, true],
    ["StringEquals", " ", "     ", false],
    ["StringEquals", "", "", true],
    ["StringEquals", 1, "1", false],
    ["StringLessThan", "A", "AB", true],
    ["StringLessThan", "B", "A", false],
    ["StringLessThanEquals", "A", "A", true],
    ["StringGreaterThan", "a", "B", true],
    ["StringGreaterThan", "A", "A", false],
    ["StringGreaterThanEquals", "AB", "A", true],
    ["TimestampEquals", "2012-10-09T19:00:55Z", "2012-10-09T20:00:55+01:00", true],
    ["TimestampLessThan", "2012-10-09T19:00:56Z", "2012-10-09T19:00:55Z", false],
    ["TimestampLessThan", "2012-10-09T19:00:55Z", "2012-10-09T19:00:55.000000001Z", true],
    ["TimestampLessThanEquals", "2012-10-09T19:00:55Z", "2012-10-09T19:00:55Z", true],
    ["TimestampGreaterThan", "2012-10-09T19:00:56Z", "2012-10-09T19:00:55Z", true],
    ["TimestampGreaterThanEquals", "2012-10-09T19:00:56Z", "2012-10-09T19:00:55Z", true],
    ["TimestampGreaterThanEquals", "not a time", "2012-10-09T19:00:55Z", false],
  ])("%s %j %j", (operator, variable, value, expected) => {
    expect(compare(operator, variable, value)).toBe(expected);
  });
});

describe("type tests", () => {
  const values: Json[] = [
    null,
    0,
    1.1,
    "",
    "HelloWorld",
    "2012-10-09T19:00:55",
    "2012-10-09T19:00:55Z",
    [],
    {},
    true,
  ];
  it.each<[string, boolean[]]>([
    ["IsNull", [true, false, false, false, false, false, false, false, false, false]],
    ["IsNumeric", [false, true, true, false, false, false, false, false, false, false]],
    ["IsString", [false, false, false, true, true, true, true, false, false, false]],
    ["IsTimestamp", [false, false, false, false, false, false, true, false, false, false]],
    ["IsBoolean", [false, false, false, false, false, false, false, false, false, true]],
    ["IsPresent", [true, true, true, true, true, true, true, true, true, true]],
  ])("%s", (operator, expected) => {
    expect(values.map((value) => holds({ Variable: "$.v", [operator]: true }, { v: value }))).toEqual(
      expected,
    );
    expect(values.map((value) => !holds({ Variable: "$.v", [operator]: false }, { v: value }))).toEqual(
      expected,
    );
  });

  it("IsPresent detects missing values", () => {
    expect(holds({ Variable: "$.v.w", IsPresent: false }, { v: 1 })).toBe(true);
    expect(holds({ Variable: "$.v[3]", IsPresent: true }, { v: [1] })).toBe(false);
    expect(holds({ Variable: "$nobody", IsPresent: true }, {})).toBe(false);
    expect(holds({ Variable: "$", IsPresent: true }, 3)).toBe(true);
  });
});

describe("StringMatches", () => {
  it.each<[Json, string, boolean]>([
    ["foo23.log", "foo*.log", true],
    ["zebra.log", "*.log", true],
    ["foobar.zebra", "foo*.*", true],
    ["foo.log.gz", "*.log", false],
    ["", "*", true],
    ["", "", true],
    ["a*b", "a\\*b", true],
    ["axb", "a\\*b", false],
    ["a\\b", "a\\\\b", true],
    ["a\\xb", "a\\\\*b", true],
    ["a.b", "a?b", false],
    ["aXbXc", "a*b*c", true],
    [5, "*", false],
  ])("%j %j", (text, pattern, expected) => {
    expect(holds({ Variable: "$", StringMatches: pattern }, text)).toBe(expected);
  });

  it("is not slowed down by many asterisks", () => {
    const begin = performance.now();
    expect(holds({ Variable: "$", StringMatches: `${"*a".repeat(40)}b` }, "a".repeat(20_000))).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

describe("compositions", () => {
  const twenties: JsonObject = {
    And: [
      { Variable: "$.value", NumericGreaterThanEquals: 20 },
      { Variable: "$.value", NumericLessThan: 30 },
    ],
    Next: "ValueInTwenties",
  };
  it("And, Or, Not", () => {
    expect(holds(twenties, { value: 22 })).toBe(true);
    expect(holds(twenties, { value: 30 })).toBe(false);
    expect(holds({ Or: [twenties, { Variable: "$.value", NumericEquals: 0 }] }, { value: 0 })).toBe(true);
    expect(holds({ Not: { Variable: "$.type", StringEquals: "Private" } }, { type: "Private" })).toBe(false);
    expect(holds({ Not: { Variable: "$answer", StringEquals: "B" } }, {})).toBe(false);
  });

  it("stop at the rule that decides", () => {
    const guarded: JsonObject = {
      And: [
        { Variable: "$.a", IsPresent: true },
        {
          And: [
            { Variable: "$.a", IsNumeric: true },
            { Variable: "$.a", NumericEquals: 3 },
          ],
        },
      ],
    };
    expect(holds(guarded, {})).toBe(false);
    expect(holds(guarded, { a: 3 })).toBe(true);
  });
});

describe("missing values", () => {
  it.each<[JsonObject, string]>([
    [{ Variable: "$.none", StringEquals: "x" }, "$.none"],
    [{ Variable: "$.none", IsNull: true }, "$.none"],
    [{ Variable: "$.v", StringEqualsPath: "$.none" }, "$.none"],
    [{ Variable: "$nobody", StringEquals: "x" }, "$nobody"],
  ])("%j", (rule, path) => {
    expect(() => holds(rule, { v: "x" })).toThrow(
      expect.objectContaining({
        error: "States.Runtime",
        cause_: `Invalid path '${path}': The choice state's condition path references an invalid value.`,
      }),
    );
  });

  it("a rule without an operator is an error", () => {
    expect(() => holds({ Variable: "$", Next: "constructor" }, {})).toThrow("no comparison operator");
  });
});
