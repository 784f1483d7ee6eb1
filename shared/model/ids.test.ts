import { expect, test } from "vitest";
import { contentHash } from "./ids.ts";

test("the order of fields does not matter, but that of lists does", () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    contentHash({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
});

test("an object differs from the list of its pairs, and unusual keys count", () => {
  expect(contentHash({ a: 1 })).not.toBe(contentHash([["a", 1]]));
  expect(contentHash(JSON.parse('{"__proto__":1}'))).not.toBe(contentHash({}));
});
