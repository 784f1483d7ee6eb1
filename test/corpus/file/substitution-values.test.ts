import { expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { substitutionValues } from "./substitution-values.ts";

it.each<[what: string, text: string, filled: JsonObject, values: JsonObject]>([
  ["a whole value", '{"a": "${A}"}', { a: "x" }, { A: "x" }],
  ["a part of a text", '{"a": "arn:${P}:sns:${T}"}', { a: "arn:aws:sns:t" }, { P: "aws", T: "t" }],
  ["without quotes", '{"a": ${A}, "b": [${B}]}', { a: 3, b: [{ c: 1 }] }, { A: "3", B: '{"c":1}' }],
  ["a name", '{"${A}": 1, "${B}": 2}', { one: 1, two: 2 }, { A: "one", B: "two" }],
  ["YAML", "a: ${A}\nb:\n  - x-${B}\n", { a: 9, b: ["x-y"] }, { A: "9", B: "y" }],
  ["signs of patterns", '{"a": "(${A})+"}', { a: "(.*)+" }, { A: ".*" }],
  ["not shown", '{"a": 1, "Comment": "${A}"}', { a: 1 }, {}],
])("finds the values of placeholders: %s", (_, text, filled, values) => {
  expect(substitutionValues(text, filled)).toEqual(values);
});
