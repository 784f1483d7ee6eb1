import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { benchStack } from "../bench-stack.ts";
import type { Bench, Line } from "../report.ts";

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

/** The cost of pausing a flow with many runs in progress, half of them in a Wait state and half in a Lambda step. */
export const bench: Bench = async ({ quick }) => {
  const functions = mkdtempSync(join(tmpdir(), "sluice-bench-functions-"));
  writeFileSync(
    join(functions, "work.ts"),
    "export const handler = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));",
  );
  try {
    const few = await measure(functions, 5);
    const many = await measure(functions, quick ? 50 : 5_000);
    return [...linesOf(few, few), ...linesOf(many, few)];
  } finally {
    rmSync(functions, { recursive: true });
  }
};

/** The cost of pausing a flow with many runs in progress. */
interface Paused {
  readonly size: number;
  readonly milliseconds: number;
  /** Calls of DynamoDB, EventBridge Scheduler and Step Functions. */
  readonly calls: number;
  readonly writeUnits: number;
}

/** The same number of calls and units, whatever the number of runs. */
const linesOf = ({ size, milliseconds, calls, writeUnits }: Paused, few: Paused): Line[] => {
  const constant = { of: "ratio", atMost: 1, atLeast: 1 } as const;
  return [
    {
      name: `pause of a flow, ${size} runs: calls`,
      value: calls,
      unit: "",
      floor: few.calls,
      mark: constant,
    },
    {
      ...{ name: `pause of a flow, ${size} runs: write units`, value: writeUnits, unit: "" },
      ...{ floor: few.writeUnits, mark: constant },
    },
    {
      ...{ name: `pause of a flow, ${size} runs`, value: milliseconds, unit: "ms" },
      floor: few.milliseconds,
    },
  ];
};

async function measure(functions: string, size: number): Promise<Paused> {
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
    const { dynamodb, scheduler, stepFunctions } = await usage();
    // Observers and the sweeper do not count.
    const { calls = 0, writeUnits = 0 } = dynamodb.byFunction["sluice-holds"] ?? {};
    const others = [...Object.values(scheduler), ...Object.values(stepFunctions)];
    return { size, milliseconds: took, calls: others.reduce((sum, count) => sum + count, calls), writeUnits };
  } finally {
    await close();
  }
}
