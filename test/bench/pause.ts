/**
 * Pauses a flow with so many runs under way, half of them in a Wait state and half in a Lambda step, once for each number of the
 * command line, and prints what the pause costs.
 *
 *     npm run bench:pause -- 5 5000
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { UsageReport } from "../../infra/local/usage.ts";
import { FlowClient } from "../support/flow-client.ts";
import { benchStack, sizesOr } from "./bench-stack.ts";

const FLOW = "bench";
const LOOK_MS = 1_000;
const STATES = {
  Which: {
    Type: "Choice",
    Choices: [{ Variable: "$.waits", BooleanEquals: true, Next: "Wait" }],
    Default: "Work",
  },
  Wait: { Type: "Wait", Seconds: 86_400, Next: "Done" },
  Work: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "work", "Payload.$": "$" },
    Next: "Done",
  },
  Done: { Type: "Succeed" },
};

const functions = mkdtempSync(join(tmpdir(), "sluice-bench-functions-"));
writeFileSync(
  join(functions, "work.ts"),
  "export const handler = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));",
);
try {
  for (const size of sizesOr(5, 5_000)) await measure(size);
} finally {
  rmSync(functions, { recursive: true });
}

async function measure(size: number): Promise<void> {
  const { admin, close } = await benchStack("--functions", functions);
  try {
    await admin.publish(FLOW, { StartAt: "Which", States: STATES });
    const flow = new FlowClient(admin, FLOW);
    const usage = () => admin.expect<UsageReport>([200], "GET", "/local/usage");
    await flow.dispatchAll(Array.from({ length: size }, (_, i) => ({ i, waits: i % 2 === 0 })));
    const working = Math.floor(size / 2);
    while (((await usage()).lambdaInvocations["work"] ?? 0) < working) await delay(LOOK_MS);
    await flow.untilCensus({ waiting: size - working, running: working }, 120);
    await admin.expect([200], "DELETE", "/local/usage");
    const began = performance.now();
    const { status } = await flow.pause();
    const took = performance.now() - began;
    if (status !== 200) throw new Error(`The pause answered ${status}`);
    const { dynamodb, scheduler, stepFunctions, stateTransitions } = await usage();
    console.log(
      `${size} runs: ${took.toFixed(0)} ms; DynamoDB ${dynamodb.calls} calls, ${dynamodb.readUnits} read and ` +
        `${dynamodb.writeUnits} write units; Scheduler ${JSON.stringify(scheduler)}; ` +
        `Step Functions ${JSON.stringify(stepFunctions)}, ${stateTransitions} transitions`,
    );
  } finally {
    await close();
  }
}
