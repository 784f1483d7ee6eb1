import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { iso } from "../../../shared/model/time/clock.ts";
import type { Client } from "../../harness/clients/client.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { floorStack } from "../bench-stack.ts";
import type { FloorRequest } from "../floors.ts";
import { lambdaFlow } from "../flows.ts";
import { reaction } from "../reaction.ts";
import type { Bench, Line } from "../report.ts";
import { percentile, ratioInterval } from "../statistics.ts";

const FLOW = "stuck";
const PARKING = "parking";
const WARM_UP = 20;
const SHARES = [0.5, 0.95, 0.99];
/** At the median. */
const MARKS: Readonly<Record<string, number>> = {
  pause: 1.5,
  resume: 1.5,
  get: 1.3,
  dispatch: 1.3,
  gate: 1.3,
};
type Op = FloorRequest["op"];

/**
 * Requests over HTTP, one after the other, each paired with its floor: A B, then B A, so that neither always comes first. The
 * data is on disk. A noisy moment of the machine affects both.
 */
export const bench: Bench = async ({ quick }) => {
  const stack = await floorStack();
  const { admin, close } = stack;
  const lambda = new LambdaClient(sdkConfig(admin.url, "lambda"));
  try {
    await admin.publish(FLOW, lambdaFlow(1, "stuck"));
    const count = quick ? 30 : 300;
    const runs = await stuckRuns(admin, WARM_UP + count + 1);
    const gated = runs[0] ?? "";
    const gate = await gateCaller(admin, lambda, gated);
    const floor = (op: Op) => async (n: number) => {
      const request: FloorRequest = { op, workspace: admin.workspace, flowId: FLOW, runId: gated, n };
      if (op === "gate") return invoke(lambda, "sluice-bench-floor", request);
      return admin.expect([200], "POST", "/v1/floor", request);
    };
    const nth = (n: number) => runs[n + 1] ?? "";
    const act = (action: string) => (n: number) =>
      admin.expect([200], "POST", `/runs/${nth(n)}/${action}`, {});
    // Each run is paused, then resumed, then cancelled: the order matters.
    const operations: readonly (readonly [Op, (n: number) => Promise<unknown>])[] = [
      ["get", () => admin.run(gated)],
      ["list", () => admin.expect([200], "GET", `/runs?flowId=${FLOW}`)],
      ["gate", gate],
      ["pause", act("pause")],
      ["resume", act("resume")],
      ["cancel", act("cancel")],
      ["dispatch", () => admin.dispatch(FLOW, {})],
    ];
    const lines: Line[] = [];
    for (const [op, call] of operations) lines.push(...linesOf(op, await pairs(count, call, floor(op))));
    lines.push(...(await reaction(stack, quick ? 5 : 40)));
    const parked = await parkedRuns(admin, WARM_UP + count);
    const wake = (n: number) => admin.expect([200], "POST", `/runs/${parked[n] ?? ""}/resume`, {});
    const parkedResume = "resume of a parked run";
    lines.push(...linesOf(parkedResume, await pairs(count, wake, floor(parkedResume))));
    return lines;
  } finally {
    lambda.destroy();
    await close();
  }
};

const stuckRuns = async (admin: Client, count: number): Promise<string[]> => {
  const runs: string[] = [];
  while (runs.length < count) runs.push((await admin.dispatch(FLOW, {})).runId);
  const last = runs.at(-1) ?? "";
  await admin.untilStatus(last, "running", 120);
  for (const run of runs) await admin.untilStatus(run, "running", 120);
  return runs;
};

/** Runs that a user has paused and whose next gate has parked. */
const parkedRuns = async (admin: Client, count: number): Promise<string[]> => {
  await admin.publish(PARKING, lambdaFlow(2, "second"));
  const runs: string[] = [];
  while (runs.length < count) {
    const { runId } = await admin.dispatch(PARKING, {});
    await admin.expect([200], "POST", `/runs/${runId}/pause`, {});
    runs.push(runId);
  }
  for (const runId of runs) await admin.until(runId, ({ parkedAt }) => parkedAt !== undefined, 60);
  return runs;
};

/** Visits of one running run, each later than the one before. */
const gateCaller = async (admin: Client, lambda: LambdaClient, runId: string) => {
  const { executionArn = "" } = await admin.run(runId);
  const { incarnation } = await incarnationOf(admin, executionArn);
  const began = Date.now() + 60_000;
  return (n: number) =>
    invoke(lambda, "sluice-gate", {
      ...{ v: 1, op: "gate", workspace: admin.workspace, flowId: FLOW, incarnation, version: 1 },
      ...{
        execution: `${runId}.1`,
        state: "Other",
        path: "",
        entered: iso(began + n),
        kind: "step",
        type: "Task",
      },
    });
};

/** The machine's name ends with the flow's incarnation. */
const incarnationOf = async (admin: Client, executionArn: string): Promise<{ incarnation: string }> => {
  await admin.expect<Flow>([200], "GET", `/flows/${FLOW}`);
  const machine = executionArn.split(":").at(-2) ?? "";
  return { incarnation: machine.split("-").at(-1) ?? "" };
};

const invoke = async (lambda: LambdaClient, FunctionName: string, event: object): Promise<void> => {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  if (answer.FunctionError !== undefined) {
    throw new Error(`${FunctionName}: ${Buffer.from(answer.Payload ?? []).toString()}`);
  }
};

const timed = async (call: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await call();
  return performance.now() - began;
};

const pairs = async (
  count: number,
  call: (n: number) => Promise<unknown>,
  floor: (n: number) => Promise<unknown>,
): Promise<(readonly [number, number])[]> => {
  const found: (readonly [number, number])[] = [];
  for (let n = 0; n < WARM_UP + count; n += 1) {
    const first = n % 2 === 0 ? await timed(() => call(n)) : undefined;
    const beneath = await timed(() => floor(n));
    const taken = first ?? (await timed(() => call(n)));
    if (n >= WARM_UP) found.push([taken, beneath]);
  }
  return found;
};

const linesOf = (op: Op, samples: readonly (readonly [number, number])[]): Line[] =>
  SHARES.map((share) => {
    const mark = share === 0.5 ? MARKS[op] : undefined;
    return {
      name: `${op}, p${share * 100}`,
      value: percentile(
        samples.map(([taken]) => taken),
        share,
      ),
      unit: "ms",
      floor: percentile(
        samples.map(([, beneath]) => beneath),
        share,
      ),
      interval: ratioInterval(samples, share),
      ...(mark === undefined ? {} : { mark: { of: "ratio", atMost: mark } as const }),
    };
  });
