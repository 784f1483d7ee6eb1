import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { type Costs, costsOf, total } from "../costs.ts";
import { deployedMemory } from "../deployment.ts";
import { lambdaFlow } from "../flows.ts";
import type { Bench, Line } from "../report.ts";
import { usageOf, type WorkUsage } from "../run-usage.ts";

const SIZES = [5, 20, 100];
/** The flow of the bill's targets. */
const MARKED = 20;
const PER = 1_000_000;
/** The wrapper of a user's function with a gate inside. */
const INLINE_GATE = fileURLToPath(new URL("../../../functions/inline/gate.ts", import.meta.url));

/** The bill of a million runs: the bare flow, gates before its steps, gates inside its functions. */
export const bench: Bench = async () => {
  const stack = await testStack("work");
  const memory = deployedMemory();
  const lines: Line[] = [];
  try {
    for (const steps of SIZES) {
      const bare = await bareRun(stack, steps);
      const bareCosts = costsOf(bare, () => undefined, 0);
      lines.push(line(`${steps} steps, bare: the bill`, total(bareCosts)));
      lines.push(...parts(`${steps} steps, bare`, bareCosts));
      for (const gate of ["before", "inline"] as const) {
        const used = await gatedRun(stack, steps, gate);
        if (used === undefined) {
          lines.push({ name: `${steps} steps, ${gate}`, value: 0, unit: "", note: "compiled as `before`" });
          continue;
        }
        const costs = costsOf(used, (name) => memory.get(name), 1);
        lines.push(...figures(`${steps} steps, ${gate}`, steps, gate, used, bare));
        lines.push({
          ...line(`${steps} steps, ${gate}: the bill`, total(costs)),
          floor: total(bareCosts) * PER,
          ...(steps === MARKED
            ? { mark: { of: "ratio", atMost: gate === "before" ? 2.25 : 1.2 } as const }
            : {}),
        });
        lines.push(...parts(`${steps} steps, ${gate}`, costs, bareCosts));
      }
    }
    return lines;
  } finally {
    await stack.close();
  }
};

const line = (name: string, dollars: number): Line => ({
  name,
  value: dollars * PER,
  unit: "$/million runs",
});

const parts = (name: string, costs: Costs, bare?: Costs): Line[] =>
  (Object.keys(costs) as (keyof Costs)[]).map((part) => ({
    ...line(`${name}: ${part}`, costs[part]),
    ...(bare === undefined ? {} : { floor: bare[part] * PER }),
  }));

const figures = (
  name: string,
  steps: number,
  gate: "before" | "inline",
  used: WorkUsage,
  bare: WorkUsage,
): Line[] => [
  {
    ...{ name: `${name}: transitions`, value: used.transitions, unit: "a run", floor: bare.transitions },
    mark: { of: "value", atMost: gate === "before" ? 2 * steps + 2 : steps + 2 },
  },
  { name: `${name}: write units`, value: used.writeUnits, unit: "a run" },
  { name: `${name}: read units`, value: used.readUnits, unit: "a run" },
];

/** The same flow, uncompiled, on the local Step Functions. */
const bareRun = async (stack: TestStack, steps: number): Promise<WorkUsage> => {
  const client = new SFNClient(sdkConfig(stack.url, "states"));
  try {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: `bare-${steps}`,
        definition: JSON.stringify(lambdaFlow(steps, "work")),
        roleArn: "arn:aws:iam::000000000000:role/bare",
      }),
    );
    return await usageOf(stack.admin, async () => {
      const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
      await eventually(async () => {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return status === "SUCCEEDED";
      }, 60);
    });
  } finally {
    client.destroy();
  }
};

/**
 * The second run of the flow, because the first begins its meter and reads its machine version. Undefined if there is no such
 * gate.
 */
const gatedRun = async (
  stack: TestStack,
  steps: number,
  gate: "before" | "inline",
): Promise<WorkUsage | undefined> => {
  if (gate === "inline" && !existsSync(INLINE_GATE)) return undefined;
  const flowId = `${gate}-${steps}`;
  await stack.admin.publish(flowId, lambdaFlow(steps, functionFor(stack, gate), gateField(gate)));
  const run = () =>
    usageOf(stack.admin, async () => {
      const { runId } = await stack.admin.dispatch(flowId, {});
      await stack.admin.untilStatus(runId, "completed", 60);
    });
  await run();
  return run();
};

const gateField = (gate: "before" | "inline"): JsonObject | undefined =>
  gate === "before" ? undefined : { Gate: "inline" };

const functionFor = (stack: TestStack, gate: "before" | "inline"): string => {
  if (gate === "before") return "work";
  writeFileSync(
    join(stack.functions.dir, "gated-work.ts"),
    `import { withSluiceGate } from ${JSON.stringify(INLINE_GATE)};
import { handler as work } from "./work.mjs";
export const handler = withSluiceGate(work);
`,
  );
  return "gated-work";
};
