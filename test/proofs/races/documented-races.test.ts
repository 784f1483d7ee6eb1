import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Those after it have numbers with gaps. */
const RACES = 30;
const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** The rows of the table: number and file. */
const rows = read("docs/internals/races.md")
  .split("\n")
  .flatMap((line) => {
    const [, number, file] = /^\| (\d+) \|.*\| `([^`]+)` \|$/.exec(line) ?? [];
    return number === undefined || file === undefined ? [] : [{ number: Number(number), file }];
  });

test("every race of docs/internals/races.md has a test with its number", () => {
  const numbers = rows.map(({ number }) => number);
  expect(numbers.slice(0, RACES)).toEqual(Array.from({ length: RACES }, (_, index) => index + 1));
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  const missing = rows.filter(({ number, file }) => {
    const title = new RegExp(`["\`]race ${String(number).padStart(2, "0")}: `);
    return !title.test(read(file));
  });
  expect(missing).toEqual([]);
});
