import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LocalStackOptions, startLocalStack } from "../../local/start.ts";
import type { Client } from "../../shared/client/operations.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { connect, untilRun } from "./connect.ts";

const example = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FLOW = "order-approval";

/** Collects failed checks. The demo continues to its end and then reports them. */
class Checks {
  readonly failures: string[] = [];
  check(what: string, holds: boolean): void {
    console.log(`   ${holds ? "✓" : "✗"} ${what}`);
    if (!holds) this.failures.push(what);
  }
}

const show = async (api: Client, title: string, runId: string): Promise<void> => {
  const run = await api.getRun({ runId });
  console.log(`\n${title}: ${run.status}`);
  const began = Date.parse(run.createdAt);
  for (const step of (await api.listSteps({ runId })).items) {
    const from = Date.parse(step.startedAt) - began;
    const took =
      step.endedAt === undefined ? "" : `${Date.parse(step.endedAt) - Date.parse(step.startedAt)} ms`;
    console.log(
      `   +${String(from).padStart(5)} ms  ${step.name.padEnd(14)} ${step.status.padEnd(10)} ${took}`,
    );
  }
  const entries = (await api.listRunAudit({ runId })).items.toSorted((a, b) => a.rev - b.rev);
  console.log(`   ${entries.map(({ action, to }) => `${action} → ${to}`).join(", ")}`);
};

const dispatchOrders = (api: Client): Promise<Run[]> =>
  Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      api.dispatchRun({
        flowId: FLOW,
        body: {
          payload: {
            orderId: `A-${i + 1}`,
            amount: i === 1 ? 5000 : 100 + i,
            ...(i === 0 ? { slow: true } : {}),
            ...(i === 2 ? { carrierDown: true } : {}),
          },
        },
      }),
    ),
  );

const pauseAndResume = async (api: Client, checks: Checks, runId: string): Promise<void> => {
  console.log("\nPausing the first order in the middle of a step");
  await untilRun(api, runId, (run) => run.currentStep === "ReserveStock");
  const paused = await api.pauseRun({ runId, ifMatch: "any", body: { reason: "checking the price list" } });
  checks.check(
    "it is paused at once, while its step is still running",
    paused.status === "paused" && !paused.parkedAt,
  );
  const parked = await untilRun(api, runId, (run) => run.parkedAt !== undefined);
  const { items: steps } = await api.listSteps({ runId });
  console.log(`   it stopped after ${steps.at(-1)?.name}, which ended with`, steps.at(-1)?.output);
  checks.check(
    "the step finished, its result is kept, and no other step started",
    steps.length === 1 && steps[0]?.status === "completed",
  );
  checks.check("it keeps its place", parked.status === "paused" && parked.currentStep === "ReserveStock");
  await api.resumeRun({ runId, ifMatch: "any" });
  const done = await untilRun(api, runId, (run) => run.endedAt !== undefined);
  checks.check("after the resume, it continued from there and completed", done.status === "completed");
};

const cancel = async (api: Client, checks: Checks, runId: string): Promise<void> => {
  console.log("\nCancelling the second order, which is waiting for an approval because of its amount");
  await untilRun(api, runId, (run) => run.status === "waiting");
  const cancelled = await api.cancelRun({ runId, ifMatch: "any", body: { reason: "ordered twice" } });
  checks.check(
    "it is cancelled at once, and the reason is recorded",
    cancelled.status === "cancelled" && cancelled.cancelReason === "ordered twice",
  );
};

const replay = async (api: Client, checks: Checks, runId: string): Promise<string> => {
  console.log("\nReplaying the third order from its failed step, where the carrier was down");
  const failed = await untilRun(api, runId, (run) => run.endedAt !== undefined);
  checks.check(`it failed: ${failed.error?.error} in ${failed.error?.state}`, failed.error?.state === "Ship");
  const again = await api.replayRun({ runId, body: { from: "failed-step" } });
  const done = await untilRun(api, again.runId, (run) => run.endedAt !== undefined);
  const { items: steps } = await api.listSteps({ runId: again.runId });
  checks.check(
    "the fresh run repeated only that step, and completed",
    done.status === "completed" && steps.map((step) => step.name).join() === "Ship",
  );
  return again.runId;
};

/** The part of a stack that the demo uses. */
interface DemoStack {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs the demo on a stack in memory. Returns the exit code: 0 if every check passed, otherwise 1. */
export const runDemo = async (
  start: (options: LocalStackOptions) => Promise<DemoStack> = startLocalStack,
): Promise<number> => {
  const stack = await start({ port: 0, data: ":memory:", functions: example("functions") });
  const checks = new Checks();
  try {
    const api = await connect(stack.url, "admin", "demo");
    console.log(`Started a stack in memory at ${stack.url}. Publishing ${FLOW} and dispatching 20 orders`);
    const definition = JSON.parse(readFileSync(example(`flows/${FLOW}.asl.json`), "utf8"));
    await api.publishFlow({ flowId: FLOW, body: { definition } });
    const runs = await dispatchOrders(api);
    const [first, second, third] = runs.map((run) => run.runId);
    if (first === undefined || second === undefined || third === undefined) throw new Error("No runs");
    await pauseAndResume(api, checks, first);
    await cancel(api, checks, second);
    const fresh = await replay(api, checks, third);
    console.log("\nWaiting for the other seventeen orders");
    const others = await Promise.all(
      runs.slice(3).map((run) => untilRun(api, run.runId, (now) => now.endedAt !== undefined)),
    );
    checks.check(
      "all completed",
      others.every((run) => run.status === "completed"),
    );
    for (const [i, run] of runs.entries()) await show(api, `Order A-${i + 1}`, run.runId);
    await show(api, "Order A-3, replayed", fresh);
  } catch (error) {
    checks.check(error instanceof Error ? error.message : String(error), false);
  } finally {
    await stack.close();
  }
  console.log(
    checks.failures.length === 0 ? "\nAll checks passed." : `\nFailed checks: ${checks.failures.join("; ")}`,
  );
  return checks.failures.length === 0 ? 0 : 1;
};
