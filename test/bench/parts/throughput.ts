import { setTimeout as delay } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { MAX_DRAIN_RATE } from "../../../shared/model/limits.ts";
import type { Client } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { floorStack } from "../bench-stack.ts";
import type { FloorRequest } from "../floors.ts";
import { lambdaFlow } from "../flows.ts";
import type { Bench, Line } from "../report.ts";
import { median } from "../statistics.ts";

const FLOW = "echo";
const CALLERS = 8;
const ROUNDS = 5;
const IDLE_MS = 1_000;

/**
 * The number of calls per second by eight concurrent callers, in rounds that alternate with bare calls at the same concurrency.
 */
export const bench: Bench = async ({ quick }) => {
  const { admin, close } = await floorStack();
  try {
    await admin.publish(FLOW, lambdaFlow(1, "echo"));
    const { runId } = await admin.dispatch(FLOW, {});
    await admin.untilStatus(runId, "completed", 60);
    const count = quick ? 40 : 400;
    const floor = (op: FloorRequest["op"]) => (n: number) =>
      admin.expect([200], "POST", "/v1/floor", { op, workspace: admin.workspace, flowId: FLOW, runId, n });
    const line = async (op: FloorRequest["op"], call: (n: number) => Promise<unknown>): Promise<Line> => {
      const rounds: { own: number; bare: number }[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const bare = await rate(count, floor(op));
        rounds.push({ own: await rate(count, call), bare });
      }
      return {
        ...{ name: `${op}, ${CALLERS} at once`, value: median(rounds.map(({ own }) => own)), unit: "/s" },
        floor: median(rounds.map(({ bare }) => bare)),
      };
    };
    return [
      await line("get", () => admin.run(runId)),
      await line("dispatch", () => admin.dispatch(FLOW, {})),
      await steps(admin, quick ? 10 : 40),
      await drain(admin, quick ? 100 : 500),
    ];
  } finally {
    await close();
  }
};

const STEPS = 20;

/** Steps per second of concurrent runs, compared with a loop that makes the bare calls of a gate and of the function with the same concurrency. */
const steps = async (admin: Client, runs: number): Promise<Line> => {
  await admin.publish("long", lambdaFlow(STEPS, "echo"));
  const lambda = new LambdaClient(sdkConfig(admin.url, "lambda"));
  const own: number[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await rate(runs * STEPS, (n) => bareStep(lambda, admin.workspace, n), runs));
      const flow = new FlowClient(admin, "long");
      const began = performance.now();
      const started = await flow.dispatchAll(Array.from({ length: runs }, (_, n) => ({ n })));
      for (const { runId } of started) await admin.untilStatus(runId, "completed", 120);
      own.push((runs * STEPS * 1_000) / (performance.now() - began));
    }
  } finally {
    lambda.destroy();
  }
  return { name: `steps, ${runs} runs at once`, value: median(own), unit: "/s", floor: median(bare) };
};

const bareStep = async (lambda: LambdaClient, workspace: string, n: number): Promise<void> => {
  const gate: FloorRequest = { op: "gate", workspace, flowId: FLOW, runId: "", n };
  const call = (FunctionName: string, event: object) =>
    lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }));
  await call("sluice-bench-floor", gate);
  await call("echo", { step: n });
};

/** Records per second that leave a flow's queue, compared with a bare loop over a queue of the same length, alternating. */
const drain = async (admin: Client, records: number): Promise<Line> => {
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [flowId, rates] of [
      [`bare-${round}`, bare],
      [`own-${round}`, own],
    ] as const) {
      await admin.publish(flowId, { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } });
      const flow = new FlowClient(admin, flowId);
      await flow.pause();
      await flow.dispatchAll(Array.from({ length: records }, (_, n) => ({ n })));
      await admin.expect([200], "DELETE", "/local/usage");
      const began = performance.now();
      const lifted =
        rates === own
          ? flow.resume({ drainRate: MAX_DRAIN_RATE })
          : admin.call("POST", "/v1/floor", {
              op: "drain",
              workspace: admin.workspace,
              flowId,
              runId: "",
              n: 0,
            });
      // The drain's own execution is one more.
      await untilStarted(admin, rates === own ? records + 1 : records);
      rates.push((records * 1_000) / (performance.now() - began));
      await lifted;
      await untilIdle(admin);
    }
  }
  return {
    ...{ name: `drain, ${records} records`, value: median(own), unit: "/s", floor: median(bare) },
    mark: { of: "ratio", atLeast: 0.8 },
  };
};

const LOOK_MS = 50;
const started = async (admin: Client): Promise<number> =>
  (await admin.expect<UsageReport>([200], "GET", "/local/usage")).stepFunctions["StartExecution"] ?? 0;
const untilStarted = async (admin: Client, count: number): Promise<void> => {
  while ((await started(admin)) < count) await delay(LOOK_MS);
};

/** Waits for the work of the last round, so that it does not slow the next one. */
const untilIdle = async (admin: Client): Promise<void> => {
  let before = -1;
  for (;;) {
    const { stateTransitions } = await admin.expect<UsageReport>([200], "GET", "/local/usage");
    if (stateTransitions === before) return;
    before = stateTransitions;
    await delay(IDLE_MS);
  }
};

const rate = async (
  count: number,
  call: (n: number) => Promise<unknown>,
  callers = CALLERS,
): Promise<number> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await call(next);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (count * 1_000) / (performance.now() - began);
};
