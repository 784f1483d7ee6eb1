import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsAnswer } from "../aws/endpoint.ts";
import { EngineConnections } from "./connections.ts";
import { findEngine } from "./dynoxide-binary.ts";

/** A DynamoDB implementation that listens at `endpoint()`. */
export interface DynamoDbEngine {
  /** Changes when the engine is restarted. */
  endpoint(): URL;
  /** @throws if there is no answer; the request may have taken effect */
  send(headers: Readonly<Record<string, string>>, body: Buffer): Promise<AwsAnswer>;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 15_000;
/** Pause before a restart, so that an engine that fails immediately is not restarted in a tight loop. */
const RESTART_PAUSE_MS = 500;

/**
 * Runs the engine under a shell that kills it when the pipe on descriptor 3 closes, and therefore also when this process is
 * killed. The shell exits when the engine does.
 */
const GUARD =
  '"$0" "$@" </dev/null 3<&- & engine=$!; (cat <&3 >/dev/null; kill -9 $engine) 2>/dev/null & exec 3<&-; wait $engine';

/** Starts the engine on a free loopback port with its data in `file` or `:memory:`, and restarts it whenever it dies. */
export async function startEngine(file: string, log: (line: string) => void): Promise<DynamoDbEngine> {
  const binary = findEngine();
  let closed = false;
  let running = await start(binary, file);

  const watch = (): void => {
    running.process.once("exit", () => {
      if (!closed) void restart();
    });
  };
  const restart = async (): Promise<void> => {
    log("The DynamoDB engine exited unexpectedly. Restarting it.");
    await sleep(RESTART_PAUSE_MS, undefined, { ref: false });
    if (closed) return;
    try {
      running = await start(binary, file);
      if (closed) await stop(running.process);
      else watch();
    } catch (error) {
      log(`The DynamoDB engine could not be restarted: ${error instanceof Error ? error.message : error}`);
      await restart();
    }
  };
  watch();
  const connections = new EngineConnections();
  return {
    endpoint: () => running.endpoint,
    send: (headers, body) => connections.send(running.endpoint, headers, body),
    async close() {
      closed = true;
      connections.close();
      await stop(running.process);
    },
  };
}

interface Running {
  readonly process: ChildProcess;
  readonly endpoint: URL;
}

async function start(binary: string, file: string): Promise<Running> {
  const port = await freePort();
  const storage = file === ":memory:" ? [] : ["--db-path", file];
  const child = spawn(
    "/bin/sh",
    ["-c", GUARD, binary, "serve", "--host", "127.0.0.1", "--port", String(port), ...storage],
    {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // In its own session, so that Ctrl-C reaches only this process, which then stops everything in order.
      detached: true,
    },
  );
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      await stop(child);
      throw new Error(
        `The DynamoDB engine ${binary} did not start: ${complaint.trim() || "no reason given"}`,
      );
    }
    await sleep(10);
  }
  return { process: child, endpoint };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdio[3]?.destroy();
  await exited;
}

async function answers(endpoint: URL): Promise<boolean> {
  try {
    await (await fetch(endpoint)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Below the ports that systems give to connections: none of those can take the port between this test and the engine's start. */
const PORTS = { first: 20_000, after: 32_000 };

async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(PORTS.first, PORTS.after);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error(`No free port on 127.0.0.1 between ${PORTS.first} and ${PORTS.after}`);
}
