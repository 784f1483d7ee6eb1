import { setTimeout as delay } from "node:timers/promises";
import { residentMemory } from "../../bench/bench-stack.ts";
import type { StackProcess } from "../../harness/stack/stack-process.ts";

const MIB = 1_024 * 1_024;
/** Allowed between the second quarter and the last: so much, or this share. */
const SLACK_MIB = 12;
const SLACK_SHARE = 0.12;
const PARTS = 4;
/** Fewer looks than this say nothing. */
const LOOKS = 12;
const ANSWER_MS = 10_000;

interface Look {
  /** What is still used after a forced collection, MiB. */
  readonly live: number;
  /** Of the whole process tree, the database engine's among it, MiB. */
  readonly resident: number;
}

/**
 * Memory while nothing is killed. Resident memory alone tells a leak from garbage only after hours, so the stack is asked, over
 * Node's inspector, to collect its garbage, and what is left is looked at. The first quarter is a process finding its working size.
 */
export class Memory {
  readonly #looks: Look[] = [];

  async look(stack: StackProcess): Promise<void> {
    const live = await liveHeap(stack);
    if (live !== undefined) this.#looks.push({ live, resident: residentMemory(stack.pid) });
  }

  /** MiB, one for each quarter of the time; empty where it was too short. */
  quarters(what: keyof Look): number[] {
    if (this.#looks.length < LOOKS) return [];
    const size = Math.ceil(this.#looks.length / PARTS);
    return Array.from({ length: PARTS }, (_, part) =>
      Math.min(...this.#looks.slice(part * size, (part + 1) * size).map((look) => look[what])),
    );
  }

  /** What is wrong with it, if anything. */
  verdict(): string | undefined {
    const [, second, , last] = this.quarters("live");
    if (second === undefined || last === undefined) return undefined;
    const allowed = second + Math.max(SLACK_MIB, second * SLACK_SHARE);
    return last <= allowed
      ? undefined
      : `what is live after a collection rose from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`;
  }
}

/** MiB; undefined where the stack does not answer, since it was just killed or is busy. */
const liveHeap = async ({ inspector }: StackProcess): Promise<number | undefined> => {
  if (inspector === undefined) return undefined;
  const socket = new WebSocket(inspector);
  try {
    await Promise.race([once(socket, "open"), tooLong()]);
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

const tooLong = async (): Promise<never> => {
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
    tooLong(),
  ]);
