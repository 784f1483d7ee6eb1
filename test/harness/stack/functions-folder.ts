import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../../shared/model/json/json.ts";

/** One call of a function, recorded by the function itself. */
interface FunctionCall {
  readonly name: string;
  readonly at: "begin" | "end" | "fail";
  readonly event: Json;
  /** Milliseconds of the machine's clock. */
  readonly time: number;
}

/**
 * A folder of user functions that record their calls, and block or fail as long as the test wants. Each returns its event with
 * a mark of its own: `{...event, <name>: how often it was marked}`.
 */
export interface FunctionsFolder {
  readonly dir: string;
  calls(name?: string): FunctionCall[];
  /** The number of its calls. */
  count(name: string): number;
  /** Its calls do not return before `release`. */
  block(name: string): void;
  release(name: string): void;
  /** From now on, its calls throw an error with this name. */
  fail(name: string, error: string): void;
  mend(name: string): void;
  /** Clears the record of calls. */
  forget(): void;
  remove(): void;
}

const source = (dir: string, name: string): string => `
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
const dir = ${JSON.stringify(dir)};
const name = ${JSON.stringify(name)};
const note = (at, event) =>
  appendFileSync(dir + "/calls.log", JSON.stringify({ name, at, event, time: Date.now() }) + "\\n");
export const handler = async (event) => {
  note("begin", event);
  while (existsSync(dir + "/block-" + name)) await delay(10);
  if (existsSync(dir + "/fail-" + name)) {
    note("fail", event);
    const error = new Error(name + " was told to fail");
    error.name = readFileSync(dir + "/fail-" + name, "utf8");
    throw error;
  }
  note("end", event);
  return typeof event === "object" && event !== null && !Array.isArray(event)
    ? { ...event, [name]: (event[name] ?? 0) + 1 }
    : { event, [name]: 1 };
};
`;

export const functionsFolder = (...names: string[]): FunctionsFolder => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-functions-"));
  const file = (kind: string, name: string) => join(dir, `${kind}-${name}`);
  for (const name of names) writeFileSync(join(dir, `${name}.mjs`), source(dir, name));
  const calls = (name?: string): FunctionCall[] => {
    const log = join(dir, "calls.log");
    if (!existsSync(log)) return [];
    // The last line may not be complete yet.
    return readFileSync(log, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as FunctionCall)
      .filter((call) => name === undefined || call.name === name);
  };
  return {
    dir,
    calls,
    count: (name) => calls(name).filter((call) => call.at === "begin").length,
    block: (name) => writeFileSync(file("block", name), ""),
    release: (name) => rmSync(file("block", name), { force: true }),
    fail: (name, error) => writeFileSync(file("fail", name), error),
    mend: (name) => rmSync(file("fail", name), { force: true }),
    forget: () => rmSync(join(dir, "calls.log"), { force: true }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
};
