import { MAX_WAIT_SECONDS } from "../model/limits.ts";
import type { Run } from "../model/schemas/run.ts";
import { isTerminal } from "../model/transitions.ts";
import type { CallOptions, Client, RequestOf } from "./operations.ts";

/** A record, without the key that makes its dispatch repeatable: it gets one of its own. */
export type DispatchRequest = RequestOf<"dispatchRun">;

const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
const GROWTH = 1.5;

const withKey = (request: DispatchRequest): DispatchRequest & { readonly idempotencyKey: string } => ({
  ...request,
  idempotencyKey: request.idempotencyKey ?? crypto.randomUUID(),
});

/** Dispatches a record once, whatever happens to its answers: a client that may retry repeats it under the same key. */
export const dispatch = (api: Client, request: DispatchRequest): Promise<Run> =>
  api.dispatchRun(withKey(request));

/**
 * Dispatches a record and returns its run when it has ended. The service waits as long as it may, and the same dispatch is sent again
 * until the run has ended, or until `signal` aborts. Needs no permission to read runs.
 */
export const dispatchAndWait = (api: Client, request: DispatchRequest): Promise<Run> => {
  const keyed = { ...withKey(request), waitSeconds: MAX_WAIT_SECONDS };
  return untilEnded(() => api.dispatchRun(keyed), request.signal);
};

/** Returns a run when it has ended, or throws when `signal` aborts. */
export const waitForEnd = (api: Client, request: CallOptions & { readonly runId: string }): Promise<Run> =>
  untilEnded(() => api.getRun(request), request.signal);

const untilEnded = async (read: () => Promise<Run>, signal: AbortSignal | undefined): Promise<Run> => {
  for (let pause = PAUSE_MS; ; pause = Math.min(MAX_PAUSE_MS, pause * GROWTH)) {
    const run = await read();
    if (isTerminal(run.status)) return run;
    await sleep(pause, signal);
  }
};

const sleep = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
