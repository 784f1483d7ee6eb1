import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../infra/build/project-root.ts";
import type { Edit, PlantedBug } from "./bug.ts";

const COPIED = ["functions", "shared", "cli", "console", "infra", "local", "test", "examples", "docs"];
const FILES = ["package.json", "tsconfig.json", "vitest.config.ts", "cdk.json", "README.md"];

/** Returns the file's text with the edit made. Throws if the text to replace is not there exactly once. */
export const edited = (text: string, { file, find, replace }: Edit): string => {
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(
      `${file} contains this text ${parts.length - 1} times instead of once. The code has changed: adapt the planted bug.\n${find}`,
    );
  return parts.join(replace);
};

/** The result of a suite. */
export interface SuiteResult {
  readonly passed: number;
  /** The names of the failed tests. */
  readonly failed: readonly string[];
  /** The output of Vitest. */
  readonly output: string;
}

/** A copy of the project in which bugs are planted. Its console is built in it when a test needs it. */
export class ProjectCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), "sluice-planted-"));

  constructor() {
    for (const folder of COPIED)
      cpSync(join(projectRoot, folder), join(this.#folder, folder), { recursive: true });
    for (const file of FILES)
      if (existsSync(join(projectRoot, file))) cpSync(join(projectRoot, file), join(this.#folder, file));
    symlinkSync(join(projectRoot, "node_modules"), join(this.#folder, "node_modules"));
  }

  /** Runs the bug's suite, with the bug or without it. */
  async play({ edits, suite }: PlantedBug, planted = true): Promise<SuiteResult> {
    const originals = new Map<string, string>();
    try {
      for (const edit of planted ? edits : []) {
        const path = join(this.#folder, edit.file);
        const text = readFileSync(path, "utf8");
        if (!originals.has(path)) originals.set(path, text);
        writeFileSync(path, edited(text, edit));
      }
      return await this.#run(suite);
    } finally {
      for (const [path, text] of originals) writeFileSync(path, text);
    }
  }

  async #run({ file, test }: PlantedBug["suite"]): Promise<SuiteResult> {
    const report = join(this.#folder, "report.json");
    rmSync(report, { force: true });
    const filter = test === undefined ? [] : ["-t", test.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")];
    const vitest = join(projectRoot, "node_modules/vitest/vitest.mjs");
    const child = spawn(
      process.execPath,
      [vitest, "run", file, ...filter, "--maxWorkers", "1", "--reporter", "json", "--outputFile", report],
      { cwd: this.#folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk;
      });
    await new Promise((resolve) => child.once("close", resolve));
    return { ...resultsIn(report), output };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The environment without what an outer Vitest has set for its own workers. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name)),
  ),
  // Plays the same part of the `between` suite each day.
  ...{ BETWEEN_PARTS: "3", TEST_DAY: "0" },
});

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const resultsIn = (report: string): Pick<SuiteResult, "passed" | "failed"> => {
  if (!existsSync(report)) return { passed: 0, failed: [] };
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: tests.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
  };
};
