import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Measurements } from "../metering/measurements.ts";
import type { Clock as StackClock } from "../ports/clock.ts";
import type { InvocationLogs } from "./invocation-logs.ts";
import { type DirectAnswer, type DirectRequest, type SdkRequest, shortenSdkCalls } from "./sdk-transport.ts";

type Clock = Pick<StackClock, "now">;

/** Names the function that makes an AWS call; the gateway reads it and does not forward it. */
const FUNCTION_HEADER = "x-local-function";
const STACK_HEADER = "x-local-stack";

/** The stack that a function runs in; one process can have several. */
export interface OwnStack {
  readonly id: string;
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly logs: Pick<InvocationLogs, "of">;
}
interface Caller {
  readonly functionName: string;
  readonly stack: OwnStack;
}
const callers = new AsyncLocalStorage<Caller | undefined>();

/** Runs `work` as the function: its AWS calls carry the function's name. */
export const runAsFunction = <T>(stack: OwnStack, functionName: string, work: () => T): T =>
  callers.run({ functionName, stack }, work);

/** The clock of the stack in which the current function runs. */
export const ownClock: Clock = {
  now: () => callers.getStore()?.stack.clock.now() ?? Date.now(),
};

/** Records the current function's measurements in the stack in which it runs. */
export const keepMeasured: Measurements["add"] = (measured) =>
  callers.getStore()?.stack.measurements.add(measured);

/** The output of an invocation in the stack in which the current function runs. */
export const ownLogs: InvocationLogs["of"] = (call) => callers.getStore()?.stack.logs.of(call);

/** An inline gate calls from the thread of the user's function and identifies itself in its user agent. */
const INLINE_GATE = /\bapp\/sluice-gate\b/;

export const callerOf = ({ headers }: IncomingMessage): string | undefined => {
  const header = headers[FUNCTION_HEADER];
  if (typeof header === "string") return header;
  return INLINE_GATE.test(String(headers["user-agent"])) ? "sluice/gate" : undefined;
};

/**
 * The endpoint of the AWS services for Sluice's own functions, which run in this process and keep their SDK clients for its
 * lifetime. There is one per process. It passes each call to the stack in which the calling function runs.
 */
export interface OwnEndpoint {
  readonly url: string;
  add(stack: string, services: OwnServices): void;
  remove(stack: string): void;
}
/** A stack's AWS services, with and without HTTP. */
interface OwnServices {
  readonly listener: RequestListener;
  /** Returns undefined to break the connection without a response. */
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
    // The services run outside the function's context, as they would on the other side of a socket.
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
