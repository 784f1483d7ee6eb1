import { expect, it } from "vitest";
import type { Json, JsonObject } from "../../model/json/json.ts";
import { checkFormData } from "./form-data.ts";

const check = (form: JsonObject, data: Json | undefined) => checkFormData(JSON.stringify(form), data);

it("reports invalid fields", () => {
  const form = {
    type: "object",
    properties: { amount: { type: "number", maximum: 10 } },
    additionalProperties: false,
  };
  expect(check(form, { amount: 3 })).toEqual([]);
  expect(check(form, { amount: 30, more: 1 })).toEqual([
    { path: "data", message: "must NOT have additional properties: more" },
    { path: "data.amount", message: "must be <= 10" },
  ]);
  expect(check(form, undefined)).toEqual([{ path: "data", message: "must be object" }]);
});

it.each<[string, JsonObject, Json]>([
  ["a pattern that backtracks", { pattern: "^(a+)+$" }, `${"a".repeat(60)}!`],
  ["a pattern of two alternatives", { pattern: "^(?:a|a?)+$" }, `${"a".repeat(60)}!`],
  ["a name's pattern", { patternProperties: { "^(\\w+\\s?)*$": {} } }, { [`${"a".repeat(60)}!`]: 1 }],
  [
    "unique items",
    { uniqueItems: true },
    Array.from({ length: 100_000 }, (_, index) => ({ index, same: ["a", { b: "c" }] })),
  ],
])("%s has a second, not more", (_what, form, data) => {
  const began = performance.now();
  expect(check(form, data)).toEqual([
    { path: "data", message: "could not be checked in time: simplify the form's patterns, or send less" },
  ]);
  expect(performance.now() - began).toBeLessThan(5_000);
});

it("accepts JSON Schema's regular expressions with lookahead and lookbehind", () => {
  const form = { type: "string", pattern: "^(?=.*\\d)(?!.*\\s)(\\w)\\1.*(?<!x)$" };
  expect(check(form, "aab1")).toEqual([]);
  expect(check(form, "aab1x")).toHaveLength(1);
});

it("does not accept a promise as success", () => {
  expect(check({ $async: true, type: "number" }, "no number")).toEqual([
    { path: "data", message: "The flow's form is not a JSON Schema: $async is not one of its keywords" },
  ]);
});

it("reports an invalid schema, and does not fetch a remote one", () => {
  for (const form of [
    { type: "nothing" },
    { $ref: "https://example.com/form.json" },
    { $ref: "#/$defs/none" },
    { pattern: "(" },
  ])
    expect(check(form, "x")[0]?.message, JSON.stringify(form)).toContain("is not a JSON Schema");
});

it("reports at most a hundred errors", () => {
  expect(
    check(
      { items: { type: "string" } },
      Array.from({ length: 5_000 }, () => 1),
    ),
  ).toHaveLength(100);
});

it("treats prototype names as ordinary field names", () => {
  const form = { type: "object", properties: { name: { type: "string" } }, additionalProperties: false };
  const data = JSON.parse('{"name": "x", "__proto__": {"polluted": true}, "constructor": 1}') as Json;
  expect(check(form, data).length).toBeGreaterThan(0);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
