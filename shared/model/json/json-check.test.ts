import { expect, test } from "vitest";
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
