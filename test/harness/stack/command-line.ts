import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleCli, CLI_FILE } from "../../../infra/build/cli.ts";

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as the one JSON document that it must be. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON comes
  readonly json: any;
  /** stdout as one JSON document on each line. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON comes
  readonly lines: any[];
}

/** The command line as it is shipped: bundled, each call a separate process with its own configuration folder. */
export interface CommandLine {
  readonly folder: string;
  run(...args: string[]): Promise<Ending>;
  /** With text on stdin and additional variables. */
  runWith(input: { stdin?: string; env?: Record<string, string> }, ...args: string[]): Promise<Ending>;
  remove(): void;
}

export const commandLine = (): CommandLine => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  bundleCli(join(folder, "cli"));
  const program = join(folder, "cli", CLI_FILE);
  const { PATH = "", HOME = "" } = process.env;
  const base = { PATH, HOME, XDG_CONFIG_HOME: join(folder, "config"), TZ: "UTC" };
  const runWith: CommandLine["runWith"] = ({ stdin = "", env = {} }, ...args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], { env: { ...base, ...env } });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk;
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk;
      });
      child.once("error", reject);
      child.once("close", (code) =>
        resolve({
          code,
          stdout,
          stderr,
          get json() {
            return JSON.parse(stdout);
          },
          get lines() {
            return stdout
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line));
          },
        }),
      );
      child.stdin.end(stdin);
    });
  return {
    folder,
    runWith,
    run: (...args) => runWith({}, ...args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
