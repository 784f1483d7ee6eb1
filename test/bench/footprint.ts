import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { forEachConcurrent } from "../../shared/domain/concurrency.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { benchStack, residentMemory } from "./bench-stack.ts";

/** The memory and threads of an idle stack. */
interface Footprint {
  /** Threads of its process, not counting Node's own, which it has when it is empty. */
  readonly threads: number;
  /** MiB of its process and its child processes. */
  readonly resident: number;
}

const AT_ONCE = 6;
/** Milliseconds until a stack counts as idle. It releases its garbage after one or two seconds, an idle process after five. */
const UNTIL_IDLE = 10_000;

const name = (index: number): string => `work-${String(index).padStart(3, "0")}`;
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => name(index));

/** Calls two functions; in half of the flows, an expression that needs the separate process lies between them. */
const flow = (index: number, count: number): JsonObject => {
  const task = (called: number, next: JsonObject): JsonObject => ({
    ...{ Type: "Task", Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name(called % count)}` },
    ...next,
  });
  const sum = index % 2 === 0 ? {} : { Output: "{% $merge([$states.input, {'sum': $sum([1..3])}]) %}" };
  return {
    ...(index % 2 === 0 ? {} : { QueryLanguage: "JSONata" }),
    StartAt: "First",
    States: {
      First: task(index, { Next: "Between" }),
      Between: { Type: "Pass", ...sum, Next: "Second" },
      Second: task(index + 1, { End: true }),
    },
  };
};

/**
 * Starts a stack with as many functions, publishes as many flows and runs each; measures it idle after both: as soon as it is
 * within the limit, or when all garbage has been released. Linux only.
 */
export const measureFootprint = async (
  count: number,
  limits?: { readonly published: Footprint; readonly ran: Footprint },
): Promise<{ readonly published: Footprint; readonly ran: Footprint }> => {
  const functions = mkdtempSync(join(tmpdir(), "sluice-footprint-"));
  for (const [index, called] of names(count).entries())
    writeFileSync(
      join(functions, `${called}.mjs`),
      `export const handler = async (event) => ({ ...event, last: ${index} });\n`,
    );
  const { process: stack, admin, close } = await benchStack("--functions", functions);
  try {
    const own = threads(stack.pid);
    const idle = async (limit: Footprint | undefined): Promise<Footprint> => {
      const last = performance.now() + UNTIL_IDLE;
      for (;;) {
        await sleep(500);
        const footprint = { threads: threads(stack.pid) - own, resident: residentMemory(stack.pid) };
        if (isWithin(footprint, limit) || performance.now() > last) return footprint;
      }
    };
    await forEachConcurrent(names(count), { concurrency: AT_ONCE }, (flowId) =>
      admin.publish(flowId, flow(Number(flowId.slice(-3)), count)).then(() => undefined),
    );
    const published = await idle(limits?.published);
    await forEachConcurrent(names(count), { concurrency: AT_ONCE }, async (flowId) => {
      const { runId } = await admin.dispatch(flowId, {});
      await admin.untilStatus(runId, "completed", 120);
    });
    return { published, ran: await idle(limits?.ran) };
  } finally {
    await close();
    rmSync(functions, { recursive: true });
  }
};

const isWithin = ({ threads, resident }: Footprint, limit: Footprint | undefined): boolean =>
  limit !== undefined && threads <= limit.threads && resident <= limit.resident;

const threads = (pid: number): number =>
  Number(/^Threads:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
