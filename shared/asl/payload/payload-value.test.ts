import { describe, expect, test } from "vitest";
import type { Json } from "../../model/json/json.ts";
import { payloadExpressionError } from "./payload-expression.ts";
import { payloadValue } from "./payload-value.ts";

const PAYLOAD = {
  ...{
    order: { id: "o-1", lines: [{ sku: "a" }, { sku: "b" }] },
    count: 3,
    paid: false,
    none: null,
    empty: "",
  },
  ...{ "a.b": { "it's": "quoted" }, text: " Acme " },
};

describe("a value of the payload", () => {
  test.each<[string, string | undefined, Json?]>([
    ["$.order.id", "o-1"],
    ["$.order.lines[1].sku", "b"],
    ["$.order.lines[-1]['sku']", "b"],
    ['$["order"]["id"]', "o-1"],
    ["$['a.b']['it\\'s']", "quoted"],
    ["$", "whole", "whole"],
    ["$.count", "3"],
    ["$.paid", "false"],
    ["$.missing.id", undefined],
    ["$.order.lines[7].sku", undefined],
    ["$.order", undefined],
    ["$.none", undefined],
    ["$.empty", undefined],
    ["$.constructor.name", undefined],
    ["$.length", undefined, "text"],
    ["{% $states.input.order.id %}", "o-1"],
    ["{% $states.input.order.lines[0].sku & '/' & $string($states.input.count) %}", "a/3"],
    ["{% $uppercase($trim($states.input.text)) %}", "ACME"],
    ["{% $states.input.count > 2 ? 'many' : 'few' %}", "many"],
    ["{% $states.input.order.lines.sku %}", undefined],
    ["{% $states.input.missing %}", undefined],
    ["{% $states.input.text * 2 %}", undefined],
  ])("%s is %s", async (expression, value, payload = PAYLOAD) => {
    expect(payloadExpressionError(expression)).toBeUndefined();
    expect(await payloadValue(expression, payload)).toBe(value);
  });
});

describe("an expression is refused", () => {
  test.each([
    ["order.id", "begin with $"],
    ["$$.Execution.Id", "refer to the input"],
    ["$variable.id", "refer to the input"],
    ["$.lines[*].id", "several values"],
    ["$..id", "several values"],
    ["$.lines[?(@.a==1)]", "several values"],
    ["{% order.id %}", "must read the payload"],
    ["{% 'constant' %}", "must read the payload"],
    ["{% $states.context.Execution.Id %}", "must read the payload"],
    ["{% $states.input.a & $now() %}", "can only follow"],
    ["{% $states.input[$match(a, /(a+)+$/)] %}", "can only follow"],
    ["{% ($f := function($n) { $f($n) }; $f($states.input)) %}", "can only follow"],
    ["{% ($a := $states.input.a; $a & $a) %}", "can only follow"],
    ["{% $states.input.lines[sku = 'a'].id %}", "can only follow"],
    ["{% $count([1..1000000]) & $states.input.a %}", "can only follow"],
    ["{% $pad($states.input.a, 1000000000) %}", "can only follow"],
    ["{% $states.input. %}", "syntax error"],
    [`$.${"a".repeat(1_000)}`, "at most 1000 characters"],
  ])("%s", (expression, message) => {
    expect(payloadExpressionError(expression)).toContain(message);
  });
});
