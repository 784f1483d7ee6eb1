import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/internals/guarantees.md", root), "utf8");
const races = readFileSync(new URL("docs/internals/races.md", root), "utf8");

/** Rows of the tables: the promise, the faults, and the test that shows it. */
const promises = text
  .split("\n")
  .filter((line) => /^\| (?!promise|---)/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "")));

it.each(promises)("%s: its proof exists", (_promise, under, shown = "") => {
  expect(under).not.toBe("");
  const named = [...shown.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  const numbers = [...shown.matchAll(/races? ((?:\d+(?:, )?)+)/g)].flatMap(([, list = ""]) =>
    list.split(", ").filter(Boolean),
  );
  expect(named.length + numbers.length).toBeGreaterThan(0);
  for (const name of named) {
    const script = /^npm run (\S+)$/.exec(name)?.[1];
    if (script === undefined) expect(existsSync(new URL(name, root)), name).toBe(true);
    else expect(Object.keys(manifest.scripts)).toContain(script);
  }
  for (const number of numbers) expect(races).toMatch(new RegExp(`^\\| ${number} \\|`, "m"));
});
