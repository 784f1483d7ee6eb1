import { performance } from "node:perf_hooks";
import { releaseMemory } from "../metering/release-memory.ts";

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
