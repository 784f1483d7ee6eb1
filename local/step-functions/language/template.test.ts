import { describe, expect, it } from "vitest";
import type { Json } from "../../../shared/model/json/json.ts";
import { evaluateFieldExpression, evaluateTemplate } from "./template.ts";
import type { Scope } from "./values/types.ts";

const scope: Scope = {
  input: { a: { b: 1 }, list: [1, 2], Error: "error string", Cause: "cause string" },
  context: { Map: { Item: { Index: 0, Value: "A" } } },
  variables: { result: "foobar" },
};

describe("evaluateTemplate", () => {
  it("replaces the fields whose names end in .$ at every depth", () => {
    const template: Json = {
      constant: "$.a",
      "whole.$": "$",
      nested: { "b.$": "$.a.b", deeper: [{ "item.$": "$$.Map.Item.Value" }, "$.a", 7] },
      "index.$": "$$.Map.Item.Index",
      "variable.$": "$result",
      "sum.$": "States.MathAdd($.a.b, 2)",
      "beyond.$": "$.list[5]",
    };
    expect(evaluateTemplate(template, scope)).toEqual({
      constant: "$.a",
      whole: scope.input,
      nested: { b: 1, deeper: [{ item: "A" }, "$.a", 7] },
      index: 0,
      variable: "foobar",
      sum: 3,
      beyond: null,
    });
  });

  it("treats __proto__ as a plain name", () => {
    const result = evaluateTemplate(JSON.parse('{"__proto__":{"polluted":1},"__proto__x.$":"$.a"}'), scope);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1},"__proto__x":{"b":1}}');
  });

  it("names the field of a missing path", () => {
    expect(() => evaluateTemplate({ x: { "value.$": "$.none" } }, { ...scope, input: {} })).toThrow(
      "The JSONPath '$.none' specified for the field 'value.$' could not be found in the input '{}'",
    );
  });

  it.each([{ "x.$": 1 }, { "x.$": { y: 1 } }, { "x.$": "plain text" }])("refuses %j", (template) => {
    expect(() => evaluateTemplate(template, scope)).toThrow(
      expect.objectContaining({ error: expect.stringMatching(/^States\.(Runtime|IntrinsicFailure)$/) }),
    );
  });
});

describe("evaluateFieldExpression", () => {
  it("accepts paths and intrinsic functions", () => {
    expect(evaluateFieldExpression("$.Error", scope, "ErrorPath")).toBe("error string");
    const text = "States.Format('This is a custom error message for {}, caused by {}.', $.Error, $.Cause)";
    expect(evaluateFieldExpression(text, scope, "CausePath")).toBe(
      "This is a custom error message for error string, caused by cause string.",
    );
  });

  it("names the field if it is given", () => {
    expect(() => evaluateFieldExpression("$.ErrorX", scope, "ErrorPath")).toThrow(
      "The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input",
    );
    expect(() => evaluateFieldExpression("$.ErrorX", scope)).toThrow(
      "Invalid path '$.ErrorX' : No results for path: $['ErrorX']",
    );
  });
});
