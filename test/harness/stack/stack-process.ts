import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A local stack as a user starts it: a process of its own, which can be killed. */
export interface StackProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from start to "ready". */
  readonly readyAfter: number;
  /** Lines that it has written so far, to standard output and to standard error. */
  readonly said: readonly string[];
  /** The address of Node's inspector, if it was requested. */
  readonly inspector: string | undefined;
  /** kill -9, as a power cut of the process. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)));

export const startStackProcess = (...args: string[]): Promise<StackProcess> => startNode([STACK], {}, args);

/** The same, with additional environment variables. */
export const startStackProcessIn = (
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<StackProcess> => startNode([STACK], environment, args);

/** The same, with Node's inspector, which can force a garbage collection. */
export const startInspected = (...args: string[]): Promise<StackProcess> =>
  startNode(["--inspect=127.0.0.1:0", STACK], {}, args);

/** A program that reports readiness like the stack. */
export const startProgram = (program: string, ...args: string[]): Promise<StackProcess> =>
  startNode([program], {}, args);

const STACK = "local/main.ts";

const startNode = async (
  started: readonly string[],
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<StackProcess> => {
  const began = Date.now();
  const child = spawn(process.execPath, [...started, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
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
    said,
    inspector: /ws:\/\/\S+/.exec(said.join("\n"))?.[0],
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
