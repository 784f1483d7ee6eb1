/** A thread that runs the user's functions. Each version of a function has its own modules, environment and output. */
import { flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { releaseMemory } from "../../metering/release-memory.ts";
import { functionContext } from "../context.ts";
import { failure, type Outcome, returned, thrown } from "../outcome.ts";
import { Exited, Host, type Hosted } from "./host.ts";
import type { ThreadMessage, ThreadRequest } from "./protocol.ts";

type Invocation = Extract<ThreadRequest, { kind: "invoke" }>;

const send = (message: ThreadMessage): void => parentPort?.postMessage(message);
const host = new Host(send);

process.on("uncaughtException", (error) => crash(error, thrown(error)));
process.on("unhandledRejection", (reason) => {
  const message = reason instanceof Error ? reason.message : String(reason);
  crash(reason, failure("Runtime.UnhandledPromiseRejection", message));
});

/** Ends the invocations of the function that failed, and the thread, unless other functions run in it. */
function crash(error: unknown, outcome: Outcome): void {
  if (error instanceof Exited) return;
  const version = host.current();
  send({ kind: "crash", version: version?.version.id, outcome: withoutQuery(outcome) });
  if (version === undefined || !host.othersRun(version)) host.exitThread(129);
}

parentPort?.on("message", (request: ThreadRequest) => {
  if (request.kind === "invoke") void invoke(request);
  else if (request.kind === "retire") host.retire(request.version);
  else if (request.kind === "ping") send({ kind: "pong" });
  else rest();
});

function rest(): void {
  // A thread that is terminated would lose its compile cache.
  flushCompileCache();
  releaseMemory();
}

async function invoke(invocation: Invocation): Promise<void> {
  const { requestId, version } = invocation;
  const hosted = host.host(version);
  host.begin(hosted);
  try {
    const outcome = await host.as(hosted, () => outcomeOf(hosted, invocation), requestId);
    send({ kind: "outcome", requestId, outcome: withoutQuery(outcome) });
  } finally {
    host.done(hosted);
  }
}

async function outcomeOf(
  hosted: Hosted,
  { event, requestId, version, timeout }: Invocation,
): Promise<Outcome> {
  const handler = await hosted.handler;
  send({ kind: "begun", requestId });
  if (typeof handler !== "function") return handler;
  const deadline = Date.now() + timeout;
  const context = functionContext({ awsRequestId: requestId, functionName: version.name, deadline });
  try {
    return returned(await handler(JSON.parse(event), context));
  } catch (error) {
    return thrown(error);
  }
}

/** Restores the names of the user's files in a stack trace. */
const withoutQuery = (outcome: Outcome): Outcome =>
  outcome.ok ? outcome : { ...outcome, payload: outcome.payload.replaceAll(/\?sluice=[\w.-]+/g, "") };
