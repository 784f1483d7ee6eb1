/** `npm start` and `sluice start`: runs the local stack. */
import { readFileSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { allowListProblem } from "../shared/model/allow-sets.ts";
import { LOCAL_STACK_OPTIONS } from "../shared/model/local-stack-options.ts";
import { releaseMemoryWhenIdle } from "./metering/release-memory.ts";
import type { LocalStackOptions } from "./stack/composition.ts";
import { DataFolderInUse } from "./storage/data-folder.ts";

/** Whether the command line runs it as a child process. It then notices through a channel that its parent is gone. */
const isChild = process.send !== undefined;
const USAGE = [
  isChild ? "Usage: sluice start" : "Usage: npm start --",
  ...Object.entries(LOCAL_STACK_OPTIONS).map(([name, { value }]) => `[--${name} <${value}>]`),
].join(" ");
/** A stack that was just killed can keep the port or the folder for a moment. */
const WAIT_FOR_PREDECESSOR_MS = 3_000;
const PARENT_CHECK_MS = 100;

const fail = (message: string, status: number): never => {
  process.stderr.write(`${message}\n`);
  process.exit(status);
};

function options(): LocalStackOptions {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: LOCAL_STACK_OPTIONS.port.default },
        data: { type: "string", default: LOCAL_STACK_OPTIONS.data.default },
        functions: { type: "string" },
        flows: { type: "string" },
        stubs: { type: "string" },
        workspace: { type: "string", default: LOCAL_STACK_OPTIONS.workspace.default },
        allow: { type: "string", default: LOCAL_STACK_OPTIONS.allow.default },
        attachable: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    return {
      port: portNumber(values.port),
      data: values.data,
      workspace: workspaceName(values.workspace),
      allow: allowList(values.allow),
      ...(values.attachable === undefined
        ? {}
        : { attachable: values.attachable.split(",").filter(Boolean) }),
      ...(values.functions === undefined ? {} : { functions: folder("--functions", values.functions) }),
      ...(values.flows === undefined ? {} : { flows: folder("--flows", values.flows) }),
      ...(values.stubs === undefined ? {} : { stubs: folder("--stubs", values.stubs) }),
    };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n${USAGE}`, 2);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`--port must be a number from 0 to 65535, not ${text}`);
  return port;
}

function workspaceName(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(text))
    throw new Error(`--workspace must consist of lower-case letters, digits and hyphens, not ${text}`);
  return text;
}

function allowList(text: string): readonly string[] {
  const list = text.split(",").filter((entry) => entry !== "");
  const problem = allowListProblem(list);
  if (problem !== undefined) throw new Error(`--allow: ${problem}`);
  return list;
}

function folder(option: string, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Error(`${option} ${path} is not a folder`);
  return path;
}

const isPortInUse = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";

async function start(wanted: LocalStackOptions) {
  const { startLocalStack } = await import("./start.ts");
  const giveUpAt = performance.now() + WAIT_FOR_PREDECESSOR_MS;
  for (;;) {
    try {
      return await startLocalStack(wanted);
    } catch (error) {
      const isOccupied = isPortInUse(error) || error instanceof DataFolderInUse;
      if (!isOccupied || performance.now() > giveUpAt) throw error;
      await sleep(200);
    }
  }
}

/** The command line can be killed before it passes the signal on. */
function stopWithParent(stop: () => void): void {
  if (isChild) process.once("disconnect", stop);
}

/**
 * npm runs its scripts in a shell and passes SIGTERM to it, but the shell does not pass it on; a kill -9 of npm does not
 * even reach the shell. Without this, the stack would survive both and keep its port and folder. Whoever started npm may end: a script that
 * starts the stack in the background leaves it running.
 */
function stopWithNpm(stop: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  // If the shell did not replace itself with this process, npm is one further up.
  const chain = () => (isNpm(process.ppid) ? `${process.ppid}` : `${process.ppid} ${parentOf(process.ppid)}`);
  const ancestors = chain();
  const watch = setInterval(() => {
    if (chain() === ancestors) return;
    clearInterval(watch);
    process.stderr.write("npm has ended, so the stack stops too.\n");
    stop();
  }, PARENT_CHECK_MS).unref();
}

/** Without /proc, only the parent is watched. */
const ofProcess = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
};
const parentOf = (pid: number): string | undefined =>
  /^PPid:\s*(\d+)$/m.exec(ofProcess(pid, "status") ?? "")?.[1];
const isNpm = (pid: number): boolean => /^npm\b|npm-cli/.test(ofProcess(pid, "cmdline") ?? "");

const wanted = options();
try {
  // Half of the startup time is compiling libraries, which the cache avoids.
  enableCompileCache();
  const starting = start(wanted);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const stack = await starting.catch(() => undefined);
    await stack?.close();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  stopWithNpm(stop);
  stopWithParent(stop);
  const { url } = await starting;
  releaseMemoryWhenIdle();
  process.stdout.write(`Sluice is ready: ${url}\n`);
} catch (error) {
  if (isPortInUse(error)) fail(`Port ${wanted.port} is in use. Choose another one with --port.`, 1);
  if (error instanceof DataFolderInUse) fail(error.message, 1);
  fail(`The local stack did not start: ${error instanceof Error ? error.stack : error}`, 1);
}
