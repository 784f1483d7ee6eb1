import { expect, test } from "vitest";
import { matchesOf, openAtFirst, rowsOf } from "./json-tree.ts";

const EVERYTHING = { isOpen: () => true, items: () => 100 };
const VALUE = { id: "A-17", lines: [{ sku: "x" }, 2], "odd key": null, none: {} };

test("an open value has a row for each item, with its JSONPath", () => {
  expect(rowsOf(VALUE, EVERYTHING).map(({ kind, path, depth }) => `${depth} ${kind} ${path}`)).toEqual([
    "0 open $",
    "1 leaf $.id",
    "1 open $.lines",
    "2 open $.lines[0]",
    "3 leaf $.lines[0].sku",
    "2 end $.lines[0]",
    "2 leaf $.lines[1]",
    "1 end $.lines",
    "1 leaf $['odd key']",
    "1 leaf $.none",
    "0 end $",
  ]);
});

test("a folded value hides its items, and a long one shows those that were asked for", () => {
  const numbers = Array.from({ length: 250 }, (_, n) => n);
  const some = rowsOf({ numbers }, { ...EVERYTHING, items: () => 3 });
  expect(some.filter(({ kind }) => kind === "leaf")).toHaveLength(3);
  expect(some.find(({ kind }) => kind === "rest")?.value).toBe(247);
  expect(rowsOf({ numbers }, { ...EVERYTHING, isOpen: (path) => path === "$" })).toHaveLength(3);
  expect(rowsOf("x".repeat(301), { ...EVERYTHING, isOpen: () => false })[0]?.kind).toBe("folded");
});

test("a large value opens level by level, as far as its rows are few", () => {
  const orders = Array.from({ length: 30 }, (_, n) => ({ n, lines: [1, 2, 3] }));
  const rows = (value: unknown) => {
    const open = openAtFirst(value);
    return rowsOf(value, { isOpen: (path) => open.has(path), items: () => 100 }).length;
  };
  expect(openAtFirst(VALUE)).toEqual(new Set(["$", "$.lines", "$.lines[0]"]));
  expect(rows({ orders })).toBeGreaterThan(100);
  expect(rows({ orders })).toBeLessThanOrEqual(202);
});

test("the search finds names and plain values, and says what to open", () => {
  expect(matchesOf(VALUE, "SK")).toEqual([
    {
      path: "$.lines[0].sku",
      within: [
        ["$", 1],
        ["$.lines", 0],
        ["$.lines[0]", 0],
      ],
    },
  ]);
  expect(matchesOf(VALUE, "null").map(({ path }) => path)).toEqual(["$['odd key']"]);
  expect(matchesOf(VALUE, "")).toEqual([]);
});
