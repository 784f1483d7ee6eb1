import { setTimeout as delay } from "node:timers/promises";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { Client } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { benchStack, residentMemory } from "../bench-stack.ts";
import { type Bench, type Line, note } from "../report.ts";

/** Concurrent calls while records are queued. */
const CALLERS = 2;
const BATCH = 100;
const DRAIN_RATE = 500;
/** The heap needs some thousands of records to reach its working size, which is not part of the measurement. */
const WARM_UP = 3_000;
const FLOW = "bench";
/** Queue lengths at which memory is measured, and the full size. */
const LENGTHS = [1, 1_000, 5_000, 10_000, 25_000, 50_000, 75_000, 100_000];
/** Interval between checks of the drain's progress, since each check costs the stack some reads. */
const LOOK_MS = 5_000;

interface Measured {
  readonly size: number;
  /** MiB of the whole process tree, by the queue's length. */
  readonly memory: ReadonlyMap<number, number>;
  readonly drained: number;
  readonly queuedPerSecond: number;
  readonly drainedPerSecond: number;
  readonly callsPerRecord: number;
}

/** The drains' calls so far: to DynamoDB, and to Step Functions once per record. */
const drainUsage = async (admin: Client): Promise<{ calls: number; started: number }> => {
  const usage = await admin.expect<UsageReport>([200], "GET", "/local/usage");
  const started = usage.stepFunctions["StartExecution"] ?? 0;
  return { calls: (usage.dynamodb.byFunction["sluice-drain"]?.calls ?? 0) + started, started };
};

const measure = async (size: number): Promise<Measured> => {
  const { admin, process: stack, close } = await benchStack();
  try {
    await admin.publish(FLOW, { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } });
    const flow = new FlowClient(admin, FLOW);
    const hold = async (): Promise<void> => {
      const { status } = await flow.pause();
      if (status !== 200) throw new Error(`The pause answered ${status}`);
    };
    const drain = async (): Promise<void> => {
      const { status } = await flow.resume({ drainRate: DRAIN_RATE });
      if (status !== 200) throw new Error(`The resume answered ${status}`);
      for (;;) {
        const now = await flow.now();
        if (now.queued === 0) return;
        const { calls, started } = await drainUsage(admin);
        note(
          `${now.queued} to drain, ${residentMemory(stack.pid).toFixed(0)} MiB, ${calls} calls for ${started} records`,
        );
        await delay(LOOK_MS);
      }
    };
    const queue = async (from: number, to: number): Promise<void> => {
      let next = from;
      const caller = async (): Promise<void> => {
        while (next < to) {
          const first = next;
          next = Math.min(first + BATCH, to);
          await flow.dispatchAll(Array.from({ length: next - first }, (_, i) => ({ i: first + i })));
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
    };
    // Everything measured has been done once before, so that its code is loaded and compiled.
    await hold();
    await queue(0, WARM_UP);
    await drain();
    await hold();

    const memory = new Map<number, number>();
    const queuing = performance.now();
    let queued = 0;
    for (const length of [...LENGTHS.filter((length) => length < size), size]) {
      await queue(queued, length);
      queued = length;
      memory.set(length, residentMemory(stack.pid));
      note(`${length} queued, ${memory.get(length)?.toFixed(0)} MiB`);
    }
    const full = performance.now();
    await flow.until((now) => now.queued === size, 60);

    await admin.expect([200], "DELETE", "/local/usage");
    const draining = performance.now();
    await drain();
    const done = performance.now();
    const { calls, started } = await drainUsage(admin);
    if (started < size) throw new Error(`${started} executions for ${size} records`);
    return {
      size,
      memory,
      drained: residentMemory(stack.pid),
      queuedPerSecond: (size * 1_000) / (full - queuing),
      drainedPerSecond: (size * 1_000) / (done - draining),
      callsPerRecord: calls / size,
    };
  } finally {
    await close();
  }
};

/**
 * Queues records behind a held flow and drains them, each size on a stack of its own. Measures the memory of the queue as it
 * grows, and the calls of the drain. The larger size takes half an hour.
 */
export const bench: Bench = async ({ quick, large }) => {
  const small = await measure(quick ? 100 : 1_000);
  const big = await measure(large ? 100_000 : quick ? 300 : 3_000);
  return [...linesOf(small, small), ...linesOf(big, small)];
};

const fullMemory = ({ size, memory }: Measured): number => memory.get(size) ?? 0;

const linesOf = (result: Measured, smallest: Measured): Line[] => {
  const { size, callsPerRecord, queuedPerSecond, drainedPerSecond } = result;
  const named = (what: string) => `${size} queued: ${what}`;
  return [
    {
      ...{ name: named("calls a record in the drain"), value: callsPerRecord, unit: "" },
      ...{ floor: smallest.callsPerRecord, mark: { of: "ratio", atMost: 1.05 } as const },
    },
    { name: named("put into the queue"), value: queuedPerSecond, unit: "a second" },
    { name: named("drained"), value: drainedPerSecond, unit: "a second" },
    { name: named("memory"), value: fullMemory(result), unit: "MiB", floor: fullMemory(smallest) },
  ];
};
