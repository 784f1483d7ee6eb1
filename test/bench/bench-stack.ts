import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, clientFor } from "../support/client.ts";
import { type StackProcess, startStackProcess } from "../support/stack-process.ts";

/** A stack of its own in a process of its own, its data on disk as a user has it. */
export interface BenchStack {
  readonly process: StackProcess;
  readonly admin: Client;
  close(): Promise<void>;
}

export const benchStack = async (): Promise<BenchStack> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const process = await startStackProcess("--port", "0", "--data", data);
  return {
    process,
    admin: await clientFor(process.url, "admin"),
    close: async () => {
      await process.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
};

/** Resident memory of a process and its children, MiB. Linux only. */
export const residentMemory = (pid: number): number => {
  let kibibytes = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = statusOf(entry);
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    if (Number(entry) === pid || number("PPid") === pid) kibibytes += number("VmRSS");
  }
  return kibibytes / 1_024;
};

/** Empty for a process that ended meanwhile. */
const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
};

/** The numbers of the command line, or these. */
export const sizesOr = (...sizes: number[]): number[] => {
  const given = process.argv.slice(2).map(Number);
  if (given.some((size) => !Number.isInteger(size) || size < 1)) throw new Error("Sizes are whole numbers");
  return given.length > 0 ? given : sizes;
};
