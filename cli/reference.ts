/** `npm run docs:cli`: writes the help of all commands into docs/reference/command-line.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { EXIT_CODES } from "./failure.ts";
import { buildProgram } from "./program.ts";

export const REFERENCE_FILE = fileURLToPath(new URL("../docs/reference/command-line.md", import.meta.url));

/** Options of every command; the page lists them once. */
const COMMON = /^ {2}(--json|--profile <name>|--url <url>|--workspace <workspace>|-h, --help) .*\n/gm;
const UNWRAPPED = 1_000;

const helpOf = (command: Command): string => {
  let text = "";
  command
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      getOutHelpWidth: () => UNWRAPPED,
      getOutHasColors: () => false,
    })
    .outputHelp();
  return text
    .replace(COMMON, "")
    .replace(/^Options:\n\n/gm, "")
    .trim();
};

const sections = (command: Command, name: string): string[] =>
  command.commands.length === 0
    ? [`### ${name}\n\n\`\`\`\n${helpOf(command)}\n\`\`\``]
    : command.commands.flatMap((child) => sections(child, `${name} ${child.name()}`));

const exitCodes = (): string =>
  [
    "| code | means |",
    "|---|---|",
    ...Object.values(EXIT_CODES).map(([code, text]) => `| ${code} | ${text} |`),
  ].join("\n");

const replaced = (page: string, mark: string, content: string): string => {
  const [begin, end] = [`<!-- ${mark}: written by npm run docs:cli -->`, `<!-- /${mark} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no place for ${mark}`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
};

/** The page with the current commands and exit codes. */
export const referenceIn = (page: string): string => {
  const program = buildProgram();
  const commands = sections(program, "sluice").join("\n\n");
  return replaced(replaced(page, "exit codes", exitCodes()), "commands", commands);
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(REFERENCE_FILE, referenceIn(readFileSync(REFERENCE_FILE, "utf8")));
