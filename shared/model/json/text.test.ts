import fc from "fast-check";
import { expect, test } from "vitest";
import { cutText } from "./text.ts";

test.each([
  ["short", 10, "short"],
  ["exact", 5, "exact"],
  ["longer", 4, "long"],
  ["ab😀", 3, "ab"],
  ["ab😀", 4, "ab😀"],
  ["😀😀", 1, ""],
  ["a\ud83d", 5, "a\ufffd"],
  ["\udc00b", 1, "\ufffd"],
])("%j cut to %i is %j", (text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

test("any string becomes valid Unicode, within the maximum length and at most one unit shorter, whatever its surrogates", () => {
  const units = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 20 });
  fc.assert(
    fc.property(units, fc.nat(20), (codes, max) => {
      const text = String.fromCharCode(...codes);
      const cut = cutText(text, max);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(max, text.length) - 1);
    }),
  );
});
