import { expect, it } from "vitest";
import { readSource } from "./read-source.ts";

const faults = (text: string) => {
  const reading = readSource(text, {});
  return reading.ok ? [] : reading.errors;
};

it.each([
  ["braces", "{".repeat(100_000), /nested|closing|missing/],
  ["objects in objects", '{"a":'.repeat(50_000), /nested/],
])("a hundred thousand %s are one error", (_name, text, message) => {
  const found = faults(text);
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toMatch(message);
  expect(found[0]?.message).not.toMatch(/[a-z]Error|call stack|[A-Z]_[A-Z]/);
});

it("limits aliases of aliases", () => {
  const levels = "abcdefghij"
    .split("")
    .map((name, n) => `${name}: &${name} [${Array(10).fill(n === 0 ? "x" : `*${"abcdefghij"[n - 1]}`)}]`);
  const began = performance.now();
  expect(faults(levels.join("\n"))).toMatchObject([{ message: expect.stringContaining("aliases") }]);
  expect(performance.now() - began).toBeLessThan(5_000);
});
