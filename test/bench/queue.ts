/**
 * Queues records behind a held flow and drains them, once for each size of the command line, each on a stack of its own.
 * Prints what the queue costs in memory and the drain in calls, and how the largest compares with the smallest.
 *
 *     npm run bench:queue -- 1000 100000
 */
import type { UsageReport } from "../../infra/local/usage.ts";
import { FlowClient } from "../support/flow-client.ts";
import { benchStack, residentMemory, sizesOr } from "./bench-stack.ts";

/** Calls at once while records are queued. */
const CALLERS = 4;
const BATCH = 100;
const DRAIN_RATE = 500;
const WARM_UP = 300;
const FLOW = "bench";

interface Measured {
  readonly size: number;
  /** MiB, at the emptiest and at the fullest queue. */
  readonly memory: { readonly before: number; readonly full: number; readonly drained: number };
  readonly queuedPerSecond: number;
  readonly drainedPerSecond: number;
  readonly callsPerRecord: number;
}

const measure = async (size: number): Promise<Measured> => {
  const { admin, process, close } = await benchStack();
  try {
    await admin.publish(FLOW, { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } });
    const flow = new FlowClient(admin, FLOW);
    // The first of everything loads code and lets the heap grow to its working size: not what is measured.
    await flow.dispatchAll(Array.from({ length: WARM_UP }, (_, i) => ({ i })));
    await flow.untilCensus({ completed: WARM_UP }, 300);
    const paused = await flow.pause();
    if (paused.status !== 200) throw new Error(`The pause answered ${paused.status}`);
    await flow.dispatchAll([{ i: 0 }]);

    const before = residentMemory(process.pid);
    const queuing = performance.now();
    let next = 1;
    const caller = async (): Promise<void> => {
      while (next < size) {
        const from = next;
        next = Math.min(from + BATCH, size);
        await flow.dispatchAll(Array.from({ length: next - from }, (_, i) => ({ i: from + i })));
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const queued = performance.now();
    const full = residentMemory(process.pid);
    await flow.until((now) => now.queued === size, 60);

    await admin.expect([200], "DELETE", "/local/usage");
    const resumed = await flow.resume({ drainRate: DRAIN_RATE });
    if (resumed.status !== 200) throw new Error(`The resume answered ${resumed.status}`);
    const draining = performance.now();
    await flow.until((now) => now.queued === 0 && (now.draining?.remaining ?? 0) === 0, 7_200);
    const drained = performance.now();
    const usage = await admin.expect<UsageReport>([200], "GET", "/local/usage");
    const started = usage.stepFunctions["StartExecution"] ?? 0;
    if (started < size) throw new Error(`${started} executions for ${size} records`);
    const own = usage.dynamodb.byFunction["sluice-drain"]?.calls ?? 0;
    return {
      size,
      memory: { before, full, drained: residentMemory(process.pid) },
      queuedPerSecond: (size * 1_000) / (queued - queuing),
      drainedPerSecond: (size * 1_000) / (drained - draining),
      callsPerRecord: (own + started) / size,
    };
  } finally {
    await close();
  }
};

const results: Measured[] = [];
for (const size of sizesOr(1_000, 100_000)) {
  const result = await measure(size);
  results.push(result);
  const { memory } = result;
  console.log(
    [
      `${size} records: ${result.callsPerRecord.toFixed(2)} calls a record in the drain`,
      `${result.queuedPerSecond.toFixed(0)} a second queued, ${result.drainedPerSecond.toFixed(0)} drained`,
      `MiB ${memory.before.toFixed(0)} before, ${memory.full.toFixed(0)} with the queue full, ${memory.drained.toFixed(0)} drained`,
    ].join("; "),
  );
}
const smallest = results[0];
const largest = results.at(-1);
if (smallest !== undefined && largest !== undefined && smallest !== largest) {
  const times = (of: (result: Measured) => number) => (of(largest) / of(smallest)).toFixed(2);
  console.log(
    [
      `${largest.size} against ${smallest.size} records (${largest.size / smallest.size} times as many)`,
      `memory with the queue full: ${times(({ memory }) => memory.full)} times`,
      `calls a record in the drain: ${times(({ callsPerRecord }) => callsPerRecord)} times`,
    ].join("; "),
  );
}
