import { expect, test } from "vitest";
import { isJsonObject } from "./json.ts";
import { jsonFault } from "./json-check.ts";

test.each([
  ['{"a":"\\ud800"}', "a"],
  ['{"a":{"\\udc00":1}}', "a"],
])("%s is refused at %s", (text, path) => {
  expect(jsonFault(JSON.parse(text))?.path).toBe(path);
});

test("ordinary bodies pass, and so do unusual but valid ones", () => {
  const text = '{"__proto__":{"constructor":null},"n":1e308,"s":"\\u0000😀","list":[[],{}]}';
  expect(jsonFault(JSON.parse(text))).toBeUndefined();
});

test("a hundred thousand levels are refused without a stack overflow", () => {
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  expect(jsonFault(deep)?.message).toContain("500 levels");
});

test.each([
  [{ a: [1, "ok", "\ud800"] }, "a[2]", "contains half of a surrogate pair, which is not valid Unicode"],
  [
    { a: { b: [{ c: "\udc00" }] } },
    "a.b[0].c",
    "contains half of a surrogate pair, which is not valid Unicode",
  ],
  ["\ud800", "", "contains half of a surrogate pair, which is not valid Unicode"],
  [[{ "\ud800": 1 }], "[0]", "has a field whose name is not valid Unicode"],
])("%j is refused with its path and reason", (value, path, message) => {
  expect(jsonFault(value)).toEqual({ path, message });
});

test("500 levels are accepted, and 501 are not", () => {
  const nested = (levels: number) => JSON.parse(`${"[".repeat(levels)}1${"]".repeat(levels)}`);
  expect(jsonFault(nested(500))).toBeUndefined();
  const fault = jsonFault(nested(501));
  expect(fault?.message).toBe("is nested deeper than 500 levels");
  expect(fault?.path).toBe(`${"[0]".repeat(66)}[0`);
});

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  ["{}", false],
  [undefined, false],
])("%j is an object: %s", (value, isObject) => {
  expect(isJsonObject(value)).toBe(isObject);
});
