import { expect, test } from "vitest";
import { contentHash } from "./canonical.ts";

test("the order of fields does not count, that of lists does", () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    contentHash({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
});

test("an object and the list of its pairs differ, and odd keys count", () => {
  expect(contentHash({ a: 1 })).not.toBe(contentHash([["a", 1]]));
  expect(contentHash(JSON.parse('{"__proto__":1}'))).not.toBe(contentHash({}));
});
