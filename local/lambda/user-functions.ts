import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { FunctionVersion } from "./function-version.ts";
import type { Outcome } from "./outcome.ts";
import { fileSignature } from "./worker-protocol.ts";

/** In order of precedence. */
const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"] as const;

/** The user's functions: a folder with one file for each. */
export class UserFunctions {
  readonly #folder: string | undefined;
  readonly #timeout: number;
  readonly #environment: () => NodeJS.ProcessEnv;
  readonly #exports: readonly string[];
  readonly #versions = new Map<string, FunctionVersion>();

  /**
   * @param timeout milliseconds of real time for one invocation
   * @param exports names under which a file can export its function
   */
  constructor(
    folder: string | undefined,
    timeout: number,
    environment: () => NodeJS.ProcessEnv,
    exports: readonly string[] = ["handler"],
  ) {
    this.#folder = folder === undefined ? undefined : resolve(folder);
    this.#timeout = timeout;
    this.#environment = environment;
    this.#exports = exports;
  }

  has(name: string): boolean {
    return this.#file(name) !== undefined;
  }

  names(): readonly string[] {
    if (this.#folder === undefined) return [];
    const names = readdirSync(this.#folder)
      .filter(
        (entry) => EXTENSIONS.some((extension) => extname(entry) === extension) && !entry.endsWith(".d.ts"),
      )
      .map((entry) => entry.slice(0, -extname(entry).length));
    return [...new Set(names)].filter((name) => /^[A-Za-z0-9_-]+$/.test(name)).sort();
  }

  /** Undefined if there is no such function. */
  async invoke(name: string, event: string): Promise<Outcome | undefined> {
    const file = this.#file(name);
    if (file === undefined) return undefined;
    return this.#version(name, file).invoke({
      event,
      requestId: randomUUID(),
      functionName: name,
      timeout: this.#timeout,
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#versions.values()].map((version) => version.terminate()));
    this.#versions.clear();
  }

  #version(name: string, file: string): FunctionVersion {
    const current = this.#versions.get(name);
    if (current?.isCurrent(file)) return current;
    current?.retire();
    const next = new FunctionVersion(name, file, this.#exports, this.#environment());
    this.#versions.set(name, next);
    return next;
  }

  #file(name: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const base = join(this.#folder, name);
    return EXTENSIONS.map((extension) => base + extension).find((path) => fileSignature(path) !== "");
  }
}
