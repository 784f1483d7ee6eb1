import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { EXIT, type ExitCode } from "../failure.ts";

/** The same place from the source and from the bundle of the command line. */
const PROGRAM = fileURLToPath(new URL("../../dist/local/main.mjs", import.meta.url));
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the local stack in the foreground, in a process of its own, which may have another Node.js. It ends with this process,
 * however that ends: signals are passed on, and the channel closes.
 */
export const runLocalStack = async (node: string, args: readonly string[]): Promise<ExitCode> => {
  const child = fork(PROGRAM, args, {
    execPath: node,
    execArgv: ["--max-semi-space-size=4"],
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  try {
    const [code] = await once(child, "exit");
    return code === EXIT.ok || code === EXIT.invalid ? code : EXIT.unexpected;
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
};
