import { randomUUID } from "node:crypto";
import type { InvocationLogs } from "../invocation-logs.ts";
import { exited, type Outcome } from "../outcome.ts";
import { FunctionThread } from "./function-thread.ts";
import { FunctionVersion } from "./function-version.ts";
import type { UserFunction } from "./protocol.ts";

/** Number of threads that functions share. */
const THREADS = 4;
/** Maximum number of threads, including those that are blocked or about to end. */
const MAX_THREADS = 8;
/** Number of threads in which an invocation is tried. Each may just have been blocked by another function. */
const MAX_TRIES = 2 * MAX_THREADS;
/** Milliseconds until a thread that does not answer counts as blocked. */
const PATIENCE_MS = 3_000;

interface PoolOptions {
  readonly patience?: number;
  /** Keeps the output of the invocations that states made. */
  readonly logs?: InvocationLogs;
}

interface Loaded {
  readonly version: FunctionVersion;
  readonly thread: FunctionThread;
}

/**
 * The threads of the user's functions. The first functions get a thread each; all others share these. A function stays in its thread and
 * keeps its module state until its file changes, or until a function of that thread crashes or times out.
 */
export class FunctionPool {
  readonly #environment: () => NodeJS.ProcessEnv;
  readonly #patience: number;
  readonly #logs: InvocationLogs | undefined;
  readonly #threads = new Set<FunctionThread>();
  readonly #loaded = new Map<string, Loaded>();
  readonly #numbers = new Map<string, number>();
  /** Names of functions that may have blocked or ended a thread. Other functions avoid their threads. */
  readonly #suspects = new Set<string>();

  /**
   * @param environment the functions' environment
   * @param options `patience`: milliseconds until a thread that does not answer counts as blocked
   */
  constructor(environment: () => NodeJS.ProcessEnv, options: PoolOptions = {}) {
    this.#environment = environment;
    this.#patience = options.patience ?? PATIENCE_MS;
    this.#logs = options.logs;
  }

  /** The current number of threads. */
  get size(): number {
    return this.#threads.size;
  }

  /** @param timeout milliseconds of real time */
  async invoke(called: UserFunction, event: string, timeout: number, call?: string): Promise<Outcome> {
    const requestId = randomUUID();
    if (call !== undefined) this.#logs?.begin(requestId, call);
    try {
      return await this.#invoke(called, event, timeout, requestId);
    } finally {
      this.#logs?.end(requestId);
    }
  }

  async #invoke(called: UserFunction, event: string, timeout: number, requestId: string): Promise<Outcome> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { version, thread } = this.#versionOf(called);
      const outcome = await thread.invoke(version, { event, requestId, timeout });
      if (outcome !== undefined) return outcome;
    }
    return exited(requestId, 1);
  }

  /** Ends all threads with everything that runs in them. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
    this.#loaded.clear();
  }

  #versionOf(called: UserFunction): Loaded {
    const { file, name, exports } = called;
    const key = [file, ...exports].join("|");
    const current = this.#loaded.get(key);
    if (current !== undefined) {
      const { version, thread } = current;
      if (!version.retired && thread.isOpen && version.isUnchanged(file)) return current;
      if (thread.isOpen) thread.retire(version);
    }
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    const loaded = {
      version: new FunctionVersion(`${name}.${number}`, called),
      thread: this.#threadFor(name),
    };
    this.#loaded.set(key, loaded);
    return loaded;
  }

  /** Returns a new thread if the limit allows one, otherwise the thread with the fewest functions. Suspects share threads only with suspects. */
  #threadFor(name: string): FunctionThread {
    const open = [...this.#threads].filter((thread) => thread.isOpen);
    const free = open.filter((thread) => !thread.isBlocked);
    const most = free.length === 0 ? MAX_THREADS : THREADS;
    if (open.length === 0 || (open.length < most && this.#threads.size < MAX_THREADS)) return this.#start();
    const choice = free.length === 0 ? open : free;
    const isSuspect = (function_: string): boolean => this.#suspects.has(function_);
    const suitable = choice.filter((thread) => thread.functions.some(isSuspect) === isSuspect(name));
    return (suitable.length === 0 ? choice : suitable).reduce((best, thread) =>
      thread.functions.length < best.functions.length ? thread : best,
    );
  }

  #start(): FunctionThread {
    const thread: FunctionThread = new FunctionThread(this.#environment(), this.#patience, {
      changed: (suspects) => {
        for (const name of suspects) this.#suspects.add(name);
        if (!thread.isOpen) this.#threads.delete(thread);
      },
      printed: (requestId, text) => this.#logs?.write(requestId, text),
    });
    this.#threads.add(thread);
    return thread;
  }
}
