import { describe, expect, it } from "vitest";
import { Circular, fill, placeholdersIn } from "./substitutions.ts";

describe("filling placeholders", () => {
  it.each([
    ['{"Resource": "${Charge}"}', { Charge: "arn:aws:lambda:eu-west-1:1:function:charge" }],
    ['{"Resource": "arn:aws:lambda:eu-west-1:1:function:${Name}"}', { Name: "charge" }],
    ['{"Resource": "${Arn}:${Name}"}', { Arn: "arn:aws:lambda:eu-west-1:1:function", Name: "charge" }],
    ['{"Resource": "${Function.Arn}"}', { "Function.Arn": "arn:aws:lambda:eu-west-1:1:function:charge" }],
    ['{"Resource": "${A}"}', { A: "${B}:charge", B: "arn:aws:lambda:eu-west-1:1:function" }],
    [
      '{"Resource": "${Fn_${Stage}}"}',
      { Stage: "dev", Fn_dev: "arn:aws:lambda:eu-west-1:1:function:charge" },
    ],
  ])("%s with %j", (text, substitutions) => {
    expect(fill(text, substitutions).text).toBe('{"Resource": "arn:aws:lambda:eu-west-1:1:function:charge"}');
  });

  it("inserts numbers, booleans and JSON for a placeholder without quotes", () => {
    const text = '{"MaxConcurrency": ${Max}, "End": ${End}, "Result": ${Result}}';
    const filled = fill(text, { Max: 5, End: true, Result: '{"a": [1]}' });
    expect(JSON.parse(filled.text)).toEqual({ MaxConcurrency: 5, End: true, Result: { a: [1] } });
  });

  it("accepts any text as a name if it has a value", () => {
    expect(fill("${my key} ${é}", { "my key": "1", é: "2" }).text).toBe("1 2");
  });

  it("keeps names without a value, and literals", () => {
    expect(fill("${A} ${B} ${!A}", { A: "1" }).text).toBe("1 ${B} ${!A}");
  });

  it("knows where each character comes from", () => {
    const filled = fill("ab${X}cd${Y}ef", { X: "${Y}!", Y: "long" });
    expect(filled.text).toBe("ablong!cdlongef");
    const origins = [...filled.text].map((_, index) => filled.origin(index));
    expect(origins).toEqual([0, 1, 2, 2, 2, 2, 2, 6, 7, 8, 8, 8, 8, 12, 13]);
  });

  it("rejects values that contain each other", () => {
    expect(() => fill("${A}", { A: "${B}", B: "${A}" })).toThrow(Circular);
  });
});

it.each([
  ["${Table} ${AWS::Region} ${Fn.Arn} ${a-b} ${a,b}", ["Table", "AWS::Region", "Fn.Arn", "a-b", "a,b"]],
  ["{% $states.input.items.${id: name} %} ${ } ${} ${'a': 1} ${!Literal} $LATEST ${a:b} {$.x}", []],
])("finds the placeholders in %s", (text, names) => {
  expect(placeholdersIn(text).map(({ name }) => name)).toEqual(names);
});
