import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const lines = read("docs/internals/threat-model.md")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

it("names a threat, an answer and a test in each line", () => {
  expect(lines.length).toBeGreaterThan(10);
  for (const cells of lines) {
    expect(cells).toHaveLength(3);
    for (const cell of cells) expect(cell).not.toBe("");
  }
});

it.each(lines.map(([threat = "", , named = ""]) => [threat, named] as const))(
  "%s: its test exists",
  (_threat, named) => {
    const [, file = "", name = ""] = /^`([^`]+\.test\.ts)` "([^"]+)"$/.exec(named) ?? [];
    expect(named).toContain(`\`${file}\``);
    expect(name).not.toBe("");
    expect(read(file)).toContain(`"${name}"`);
  },
);
