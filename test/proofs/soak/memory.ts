import { setTimeout as delay } from "node:timers/promises";
import { residentMemory } from "../../bench/bench-stack.ts";
import type { StackProcess } from "../../harness/stack/stack-process.ts";

const MIB = 1_024 * 1_024;
/** Allowed growth between the second quarter and the last: the larger of both. */
const SLACK_MIB = 12;
const SLACK_SHARE = 0.12;
const PARTS = 4;
/** Fewer samples say nothing. */
const MIN_SAMPLES = 12;
const ANSWER_MS = 10_000;

interface Sample {
  /** Heap in use after a forced garbage collection, MiB. */
  readonly live: number;
  /** Resident memory of all processes, including the database engine, MiB. */
  readonly resident: number;
}

/**
 * Memory while nothing is killed. Resident memory alone shows a leak only after hours, so the stack is asked over Node's inspector to
 * collect its garbage first. The first quarter does not count: the process is still reaching its working size.
 */
export class Memory {
  readonly #samples: Sample[] = [];

  async sample(stack: StackProcess): Promise<void> {
    const live = await liveHeap(stack);
    if (live !== undefined) this.#samples.push({ live, resident: residentMemory(stack.pid) });
  }

  /** MiB for each quarter of the time; empty if it was too short. */
  quarters(what: keyof Sample): number[] {
    if (this.#samples.length < MIN_SAMPLES) return [];
    const size = Math.ceil(this.#samples.length / PARTS);
    return Array.from({ length: PARTS }, (_, part) =>
      Math.min(...this.#samples.slice(part * size, (part + 1) * size).map((sample) => sample[what])),
    );
  }

  /** Describes a leak, if there is one. */
  verdict(): string | undefined {
    const [, second, , last] = this.quarters("live");
    if (second === undefined || last === undefined) return undefined;
    const allowed = second + Math.max(SLACK_MIB, second * SLACK_SHARE);
    return last <= allowed
      ? undefined
      : `the live heap grew from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`;
  }
}

/** The live heap in MiB; undefined if the stack was just killed or is busy. */
const liveHeap = async ({ inspector }: StackProcess): Promise<number | undefined> => {
  if (inspector === undefined) return undefined;
  const socket = new WebSocket(inspector);
  try {
    await Promise.race([once(socket, "open"), timeOut()]);
    await ask(socket, 1, "HeapProfiler.collectGarbage");
    const { usedSize } = (await ask(socket, 2, "Runtime.getHeapUsage")) as { usedSize: number };
    return usedSize / MIB;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
};

const once = (socket: WebSocket, event: "open"): Promise<unknown> =>
  new Promise((resolve, reject) => {
    socket.addEventListener(event, resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });

const timeOut = async (): Promise<never> => {
  await delay(ANSWER_MS, undefined, { ref: false });
  throw new Error("The inspector does not answer");
};

const ask = (socket: WebSocket, id: number, method: string): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id === id) resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method }));
    }),
    timeOut(),
  ]);
