import { writeFileSync } from "node:fs";
import { usage } from "../failure.ts";
import { errorLine } from "../show/error-line.ts";
import { visible } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { annotations } from "./annotations.ts";
import type { FlowResult } from "./flow-result.ts";
import { junitReport } from "./junit.ts";

interface ReportOptions {
  /** The command's name, for the report. */
  readonly suite: string;
  /** File for a JUnit report. */
  readonly junit?: string | undefined;
}

/** Reports errors and warnings in the log, as GitHub annotations and in a JUnit file. */
export const reportResults = (
  terminal: Terminal,
  env: NodeJS.ProcessEnv,
  results: readonly FlowResult[],
  { suite, junit }: ReportOptions,
): void => {
  const lines =
    env["GITHUB_ACTIONS"] === "true"
      ? annotations(results)
      : results.flatMap(({ file, errors, warnings }) => [
          ...errors.map((error) => errorLine(file, error)),
          ...warnings.map((warning) => `${file}: warning: ${warning}`),
        ]);
  for (const line of lines) terminal.say(visible(line));
  if (junit === undefined) return;
  try {
    writeFileSync(junit, junitReport(suite, results));
  } catch (error) {
    throw usage(`Cannot write ${junit}: ${error instanceof Error ? error.message : error}`);
  }
};
