import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LocalStackOptions, startLocalStack } from "../../local/start.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { type Api, connect } from "./api.ts";

const example = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FLOW = "order-approval";

/** What went otherwise than it should; the demo goes on to its end and then says so. */
class Verdict {
  readonly wrong: string[] = [];
  check(what: string, holds: boolean): void {
    console.log(`   ${holds ? "✓" : "✗"} ${what}`);
    if (!holds) this.wrong.push(what);
  }
}

const show = async (api: Api, title: string, runId: string): Promise<void> => {
  const run = await api.run(runId);
  console.log(`\n${title}: ${run.status}`);
  const began = Date.parse(run.createdAt);
  for (const step of await api.steps(runId)) {
    const from = Date.parse(step.startedAt) - began;
    const took =
      step.endedAt === undefined ? "" : `${Date.parse(step.endedAt) - Date.parse(step.startedAt)} ms`;
    console.log(
      `   +${String(from).padStart(5)} ms  ${step.name.padEnd(14)} ${step.status.padEnd(10)} ${took}`,
    );
  }
  const moves = (await api.audit(runId)).toSorted((a, b) => a.rev - b.rev);
  console.log(`   ${moves.map((move) => `${move.action} → ${move.to}`).join(", ")}`);
};

const dispatchOrders = (api: Api): Promise<Run[]> =>
  Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      api.dispatch(FLOW, {
        orderId: `A-${i + 1}`,
        amount: i === 1 ? 5000 : 100 + i,
        ...(i === 0 ? { slow: true } : {}),
        ...(i === 2 ? { carrierDown: true } : {}),
      }),
    ),
  );

const pauseAndResume = async (api: Api, verdict: Verdict, runId: string): Promise<void> => {
  console.log("\nPausing the first order in the middle of a step");
  await api.until(runId, (run) => run.currentStep === "ReserveStock");
  const paused = await api.act(`/runs/${runId}/pause`, { reason: "checking the price list" });
  verdict.check(
    "it is paused at once, its step still finishing",
    paused.status === "paused" && !paused.parkedAt,
  );
  const parked = await api.until(runId, (run) => run.parkedAt !== undefined);
  const steps = await api.steps(runId);
  console.log(`   it stands after ${steps.at(-1)?.name}, which ended with`, steps.at(-1)?.output);
  verdict.check(
    "the step finished, its result is kept, and no step began after it",
    steps.length === 1 && steps[0]?.status === "completed",
  );
  verdict.check("it keeps its place", parked.status === "paused" && parked.currentStep === "ReserveStock");
  await api.act(`/runs/${runId}/resume`, {});
  const done = await api.until(runId, (run) => run.endedAt !== undefined);
  verdict.check("resumed, it went on from there and completed", done.status === "completed");
};

const cancel = async (api: Api, verdict: Verdict, runId: string): Promise<void> => {
  console.log("\nCancelling the second order, which is so large that it waits for an approval");
  await api.until(runId, (run) => run.status === "waiting");
  const cancelled = await api.act(`/runs/${runId}/cancel`, { reason: "ordered twice" });
  verdict.check(
    "it is cancelled at once, with the reason",
    cancelled.status === "cancelled" && cancelled.cancelReason === "ordered twice",
  );
};

const replay = async (api: Api, verdict: Verdict, runId: string): Promise<string> => {
  console.log("\nReplaying the third order, which the carrier refused, from its failed step");
  const failed = await api.until(runId, (run) => run.endedAt !== undefined);
  verdict.check(
    `it failed: ${failed.error?.error} in ${failed.error?.state}`,
    failed.error?.state === "Ship",
  );
  const again = await api.act(`/runs/${runId}/replay`, { from: "failed-step" });
  const done = await api.until(again.runId, (run) => run.endedAt !== undefined);
  const steps = await api.steps(again.runId);
  verdict.check(
    "the fresh run did that step only, and completed",
    done.status === "completed" && steps.map((step) => step.name).join() === "Ship",
  );
  return again.runId;
};

/** What the demo needs of a stack. */
interface DemoStack {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs the demo on a stack in memory; 0 when everything was as it should be, else 1. */
export const runDemo = async (
  start: (options: LocalStackOptions) => Promise<DemoStack> = startLocalStack,
): Promise<number> => {
  const stack = await start({ port: 0, data: ":memory:", functions: example("functions") });
  const verdict = new Verdict();
  try {
    const api = await connect(stack.url, "admin", "demo");
    console.log(`A stack in memory at ${stack.url}; publishing ${FLOW}, dispatching 20 orders`);
    await api.publish(FLOW, JSON.parse(readFileSync(example(`flows/${FLOW}.asl.json`), "utf8")));
    const runs = await dispatchOrders(api);
    const [first, second, third] = runs.map((run) => run.runId);
    if (first === undefined || second === undefined || third === undefined) throw new Error("No runs");
    await pauseAndResume(api, verdict, first);
    await cancel(api, verdict, second);
    const fresh = await replay(api, verdict, third);
    console.log("\nThe other seventeen");
    const others = await Promise.all(
      runs.slice(3).map((run) => api.until(run.runId, (now) => now.endedAt !== undefined)),
    );
    verdict.check(
      "all completed",
      others.every((run) => run.status === "completed"),
    );
    for (const [i, run] of runs.entries()) await show(api, `Order A-${i + 1}`, run.runId);
    await show(api, "Order A-3, replayed", fresh);
  } catch (error) {
    verdict.check(error instanceof Error ? error.message : String(error), false);
  } finally {
    await stack.close();
  }
  console.log(
    verdict.wrong.length === 0
      ? "\nEverything was as it should be."
      : `\nNot as it should be: ${verdict.wrong.join("; ")}`,
  );
  return verdict.wrong.length === 0 ? 0 : 1;
};
