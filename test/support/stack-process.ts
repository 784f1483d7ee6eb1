import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A local stack as a user starts it: a process of its own, which can be killed. */
export interface StackProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from start to "ready". */
  readonly readyAfter: number;
  /** All that it has written so far, to either stream. */
  said(): string;
  /** kill -9, as a power cut of the process. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)));

export const startStackProcess = async (...args: string[]): Promise<StackProcess> => {
  const began = Date.now();
  const child = spawn(process.execPath, ["infra/local/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^Sluice is ready: (http:\/\/\S+)$/.exec(line);
      said.push(`${line}\n`);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once("exit", (code) => reject(new Error(`The stack ended with ${code}: ${said.join("")}`)));
  });
  return {
    url: url.replace("localhost", "127.0.0.1"),
    pid: child.pid ?? 0,
    readyAfter: Date.now() - began,
    said: () => said.join(""),
    kill: async () => {
      child.kill("SIGKILL");
      await ended(child);
    },
    stop: () => {
      child.kill("SIGTERM");
      return ended(child);
    },
  };
};
