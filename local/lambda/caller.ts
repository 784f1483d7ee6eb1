import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Measurements } from "../metering/measurements.ts";
import type { Clock as StackClock } from "../ports/clock.ts";
import { type DirectAnswer, type DirectRequest, type SdkRequest, shortenSdkCalls } from "./sdk-transport.ts";

type Clock = Pick<StackClock, "now">;

/** Names the function that makes an AWS call; the gateway reads it and hands it on to nobody. */
const FUNCTION_HEADER = "x-local-function";
const STACK_HEADER = "x-local-stack";

/** The stack that a function runs in: there may be several in one process. */
export interface OwnStack {
  readonly id: string;
  readonly clock: Clock;
  readonly measurements: Measurements;
}
interface Caller {
  readonly functionName: string;
  readonly stack: OwnStack;
}
const callers = new AsyncLocalStorage<Caller | undefined>();

/** Runs `work` as the function: the AWS calls that it makes carry the function's name. */
export const runAsFunction = <T>(stack: OwnStack, functionName: string, work: () => T): T =>
  callers.run({ functionName, stack }, work);

/** What time it is on the stack that the function at work runs in. */
export const ownClock: Clock = {
  now: () => callers.getStore()?.stack.clock.now() ?? Date.now(),
};

/** Keeps what the function at work has measured for the stack that it runs in. */
export const keepMeasured: Measurements["add"] = (measured) =>
  callers.getStore()?.stack.measurements.add(measured);

/** A gate inside a user's function calls from that function's thread, and says so in its user agent. */
const INLINE_GATE = /\bapp\/sluice-gate\b/;

export const callerOf = ({ headers }: IncomingMessage): string | undefined => {
  const header = headers[FUNCTION_HEADER];
  if (typeof header === "string") return header;
  return INLINE_GATE.test(String(headers["user-agent"])) ? "sluice/gate" : undefined;
};

/**
 * The place where Sluice's own functions, which run in this process and keep their SDK clients for its lifetime, find
 * the AWS services. There is one in a process; it hands each call to the stack that the calling function runs in.
 */
export interface OwnEndpoint {
  readonly url: string;
  add(stack: string, services: OwnServices): void;
  remove(stack: string): void;
}
/** A stack's AWS services, as they answer over HTTP and without. */
interface OwnServices {
  readonly listener: RequestListener;
  /** Undefined: the connection is to be broken, without an answer. */
  perform(request: DirectRequest, caller: string): Promise<DirectAnswer | undefined>;
}

let endpoint: Promise<OwnEndpoint> | undefined;

export function ownEndpoint(): Promise<OwnEndpoint> {
  endpoint ??= open();
  return endpoint;
}

async function open(): Promise<OwnEndpoint> {
  const stacks = new Map<string, OwnServices>();
  const server = createServer((request, response) => {
    const services = stacks.get(String(request.headers[STACK_HEADER]));
    if (services) services.listener(request, response);
    else response.writeHead(503).end();
  });
  // Neither the server nor an idle connection of an SDK client keeps the process alive.
  server.on("connection", (socket) => socket.unref());
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  await shortenSdkCalls((request) => {
    const caller = callers.getStore();
    const services = caller && isFor(request, port) ? stacks.get(caller.stack.id) : undefined;
    if (caller === undefined || services === undefined) return undefined;
    // What the services do is not the function's doing: they run outside of it, as they would beyond a socket.
    return (direct) => callers.run(undefined, () => services.perform(direct, caller.functionName));
  });
  subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: ClientRequest };
    const caller = callers.getStore();
    if (caller === undefined || request.getHeader("host") !== `127.0.0.1:${port}`) return;
    request.setHeader(FUNCTION_HEADER, caller.functionName);
    request.setHeader(STACK_HEADER, caller.stack.id);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    add: (stack, services) => stacks.set(stack, services),
    remove: (stack) => stacks.delete(stack),
  };
}

const isFor = ({ hostname, port }: SdkRequest, own: number): boolean =>
  hostname === "127.0.0.1" && port === own;
