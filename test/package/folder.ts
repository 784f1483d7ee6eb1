import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A newcomer's folder, empty at first, and the PATH that they have. */
export class Folder {
  readonly path: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(path: string, searchPath: string) {
    mkdirSync(path);
    this.path = path;
    // Nothing of the npm script that runs this program.
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^npm_|^(INIT_CWD|NODE|NODE_OPTIONS|NODE_COMPILE_CACHE)$/i.test(name),
    );
    this.#env = { ...Object.fromEntries(kept), PATH: searchPath };
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), text);
  }

  install(...packages: readonly string[]): void {
    this.run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", ...packages);
  }

  /** Runs a command to its end. @returns what it printed. @throws Error with its output, if it fails */
  run(command: string, ...args: readonly string[]): string {
    return execFileSync(command, args, {
      cwd: this.path,
      env: this.#env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Starts a command that goes on. */
  start(command: string, ...args: readonly string[]): ChildProcess {
    return spawn(command, args, {
      cwd: this.path,
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
  }
}
