import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { buildProgram } from "./program.ts";
import { REFERENCE_FILE, referenceIn } from "./reference.ts";

it("docs/reference/command-line.md has the current commands and exit codes (npm run docs:cli)", () => {
  const page = readFileSync(REFERENCE_FILE, "utf8");
  expect(referenceIn(page)).toBe(page);
});

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

/** Runs until it is stopped, and has no result. */
const WITHOUT_RESULT = ["start"];

it.each(leaves(buildProgram()).map((command) => [command.name(), command] as const))(
  "%s takes --json, if it has a result, and has an example",
  (_, command) => {
    let help = "";
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    if (!WITHOUT_RESULT.includes(command.name())) expect(help).toMatch(/--json/);
    expect(help).toMatch(/Examples?:\n {2}\$ .*sluice /);
  },
);
