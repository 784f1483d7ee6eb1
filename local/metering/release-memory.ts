import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: ((options: { type: "major"; flavor: "last-resort" }) => void) | undefined;

/**
 * Collects the garbage of this thread and returns its memory to the operating system, which V8 otherwise does not do while nothing
 * happens. Takes about a millisecond for each megabyte in use.
 */
export function releaseMemory(): void {
  setFlagsFromString("--expose-gc");
  collect ??= runInNewContext("gc") as typeof collect;
  collect?.({ type: "major", flavor: "last-resort" });
}

const CHECK_MS = 1_000;
/** The part of the time in which a thread that counts as idle may work. */
const IDLE = 0.1;
/** Bytes of garbage that are worth the pause of a collection. */
const WORTH = 16 * 2 ** 20;

/**
 * Collects this process's garbage when nothing has happened for a second. Publishing many flows or running many runs leaves hundreds of
 * megabytes of it, which V8 keeps until it needs the space.
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
