import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, clientFor } from "../harness/clients/client.ts";
import { allItems } from "../harness/ledger/stored-items.ts";
import { type StackProcess, startProgram, startStackProcess } from "../harness/stack/stack-process.ts";
import { type Items, importItems } from "./import-items.ts";

/** A stack in a process of its own, with its data on disk as for a user. */
export interface BenchStack {
  readonly process: StackProcess;
  readonly admin: Client;
  /** The file in which the function `stamp` of a floor stack records its calls. */
  readonly stamps: string;
  close(): Promise<void>;
}

export const benchStack = async (...options: string[]): Promise<BenchStack> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const process = await startStackProcess("--port", "0", "--data", data, ...options);
  return {
    process,
    admin: await clientFor(process.url, "admin"),
    stamps: join(data, "stamps"),
    close: async () => {
      await process.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
};

/**
 * The same with the floors' function in it, and a folder with functions: `stuck` never comes back, `echo` does at once, `second` after
 * one, `stamp` says when.
 * `stored`: prepares the stack, and returns additional items for its table when it is started again.
 */
export const floorStack = async ({
  stored,
}: {
  readonly stored?: (admin: Client) => Promise<Items>;
} = {}): Promise<BenchStack> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const functions = join(data, "functions");
  mkdirSync(functions);
  writeFileSync(
    join(functions, "stuck.ts"),
    "export const handler = () => new Promise(() => setInterval(() => {}, 1e6));",
  );
  writeFileSync(
    join(functions, "stamp.ts"),
    `import { appendFileSync } from "node:fs";
    export const handler = async () => appendFileSync(${JSON.stringify(join(data, "stamps"))}, performance.timeOrigin + performance.now() + "\\n");`,
  );
  writeFileSync(join(functions, "echo.ts"), "export const handler = (event) => event;");
  writeFileSync(
    join(functions, "second.ts"),
    "export const handler = () => new Promise((resolve) => setTimeout(resolve, 1_000));",
  );
  const folder = join(data, "stack");
  const start = () => startProgram("test/bench/floor-stack.ts", folder, functions);
  let process = await start();
  if (stored !== undefined) {
    const beside = await stored(await clientFor(process.url, "admin"));
    const there = await allItems(process.url);
    await process.stop();
    await importItems(folder, there, beside);
    process = await start();
  }
  return {
    process,
    admin: await clientFor(process.url, "admin"),
    stamps: join(data, "stamps"),
    close: async () => {
      await process.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
};

/** Resident memory of a process and all its descendants, in MiB. Linux only. */
export const residentMemory = (root: number): number => {
  const processes = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => {
      const status = statusOf(entry);
      const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      return { pid: Number(entry), parent: number("PPid"), kibibytes: number("VmRSS") };
    });
  const below = (pid: number): number =>
    processes
      .filter((process) => process.parent === pid)
      .reduce((sum, process) => sum + process.kibibytes + below(process.pid), 0);
  return ((processes.find(({ pid }) => pid === root)?.kibibytes ?? 0) + below(root)) / 1_024;
};

/** Empty for a process that has ended in the meantime. */
const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
};

/** The numbers from the command line, or these. */
export const sizesOr = (...sizes: number[]): number[] => {
  const given = process.argv.slice(2).map(Number);
  if (given.some((size) => !Number.isInteger(size) || size < 1)) throw new Error("Sizes are whole numbers");
  return given.length > 0 ? given : sizes;
};
