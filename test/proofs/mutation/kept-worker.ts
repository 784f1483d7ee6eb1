import { type PoolOptions, type PoolWorker, ThreadsPoolWorker } from "vitest/node";

/** Runs after which the thread is replaced, so that what tests leave behind does not pile up. */
const MAX_RUNS = 250;

type Listener = (...values: unknown[]) => void;

/**
 * Keeps one thread, with all its loaded modules, over many runs of Vitest, which ends its threads after each run. Vitest loads
 * only the test files anew: a run takes as long as its tests.
 */
export class KeptThread {
  #thread: ThreadsPoolWorker | undefined;
  #runs = 0;

  /** Ends the thread. The next run starts another one. */
  async discard(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.stop();
  }

  /** Returns the worker for one run. */
  lease(options: PoolOptions): PoolWorker {
    const leased = { thread: undefined as ThreadsPoolWorker | undefined };
    const listeners = new Map<string, Set<Listener>>();
    const of = (event: string) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
    const thread = (): ThreadsPoolWorker => {
      if (leased.thread === undefined) throw new Error("The thread has not been started");
      return leased.thread;
    };
    return {
      name: "kept",
      start: async () => {
        leased.thread = await this.#started(options);
      },
      on: (event, callback) => {
        of(event)?.add(callback);
        thread().on(event, callback);
      },
      off: (event, callback) => {
        of(event)?.delete(callback);
        thread().off(event, callback);
      },
      send: (message) => {
        // Vitest waits for this answer before it stops the worker.
        const isStop = "type" in (message as object) && (message as { type: unknown }).type === "stop";
        if (!isStop) return thread().send(message);
        const stopped = { type: "stopped", __vitest_worker_response__: true };
        for (const listener of [...(of("message") ?? [])]) listener(stopped);
      },
      stop: async () => {
        for (const [event, all] of listeners) for (const listener of all) thread().off(event, listener);
      },
      deserialize: (data) => data,
    };
  }

  async #started(options: PoolOptions): Promise<ThreadsPoolWorker> {
    this.#runs += 1;
    if (this.#runs % MAX_RUNS === 0) await this.discard();
    if (this.#thread !== undefined) return this.#thread;
    const thread = new ThreadsPoolWorker(options);
    await thread.start();
    const forget = () => {
      if (this.#thread === thread) this.#thread = undefined;
    };
    thread.on("error", forget);
    thread.on("exit", forget);
    this.#thread = thread;
    return thread;
  }
}
