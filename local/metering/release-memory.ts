import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: ((options: { type: "major"; flavor: "last-resort" }) => void) | undefined;

/**
 * Collects the garbage of this thread and returns the memory to the operating system. An idle V8 does not do this by itself. Takes about
 * a millisecond per megabyte in use.
 */
export function releaseMemory(): void {
  setFlagsFromString("--expose-gc");
  collect ??= runInNewContext("gc") as typeof collect;
  collect?.({ type: "major", flavor: "last-resort" });
}

const CHECK_MS = 1_000;
/** The share of time that an idle process may spend working. */
const IDLE = 0.1;
/** Bytes of garbage that justify the pause of a collection. */
const WORTH = 16 * 2 ** 20;

/**
 * Collects this process's garbage after an idle second. Publishing many flows or many runs leave hundreds of megabytes of it, which V8
 * keeps until it needs the space.
 */
export function releaseMemoryWhenIdle(): void {
  let heap = process.memoryUsage().heapUsed;
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > IDLE || process.memoryUsage().heapUsed < heap + WORTH) return;
    releaseMemory();
    heap = process.memoryUsage().heapUsed;
  }, CHECK_MS).unref();
}
