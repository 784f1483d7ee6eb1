import { testStack } from "../../harness/stack/test-stack.ts";
import { deployedMemory, deployedResources } from "../deployment.ts";
import { idleBill, unknownTypes } from "../idle-bill.ts";
import type { Bench } from "../report.ts";
import { usageOfIdleSweep } from "../run-usage.ts";

const MOST = 5;

/** The monthly cost of a deployment in which nothing runs. */
export const bench: Bench = async () => {
  const stack = await testStack();
  try {
    const resources = deployedResources();
    const unknown = unknownTypes(resources);
    if (unknown.length > 0) throw new Error(`What do these cost at rest? ${unknown.join(", ")}`);
    const bill = idleBill(resources, deployedMemory(), await usageOfIdleSweep(stack.admin));
    const lines = [...bill].map(([name, value]) => ({ name, value, unit: "$/month" }));
    const value = lines.reduce((sum, line) => sum + line.value, 0);
    return [...lines, { name: "in all", value, unit: "$/month", mark: { of: "value", atMost: MOST } }];
  } finally {
    await stack.close();
  }
};
