import { readdirSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import type { Outcome } from "../outcome.ts";
import type { FunctionPool } from "./function-pool.ts";
import { fileSignature } from "./protocol.ts";

/** In order of precedence. */
const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"] as const;

/** The user's functions: a folder with one file for each. */
export class UserFunctions {
  readonly #folder: string | undefined;
  readonly #pool: FunctionPool;
  readonly #timeout: number;
  readonly #exports: readonly string[];

  /**
   * @param timeout milliseconds of real time for one invocation
   * @param exports names under which a file can export its function
   */
  constructor(
    folder: string | undefined,
    pool: FunctionPool,
    timeout: number,
    exports: readonly string[] = ["handler"],
  ) {
    this.#folder = folder === undefined ? undefined : resolve(folder);
    this.#pool = pool;
    this.#timeout = timeout;
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
  async invoke(name: string, event: string, call?: string): Promise<Outcome | undefined> {
    const file = this.#file(name);
    if (file === undefined) return undefined;
    return this.#pool.invoke({ name, file, exports: this.#exports }, event, this.#timeout, call);
  }

  #file(name: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const base = join(this.#folder, name);
    return EXTENSIONS.map((extension) => base + extension).find((path) => fileSignature(path) !== "");
  }
}
