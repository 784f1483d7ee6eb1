import { expect, it } from "vitest";
import { Harness } from "../test-harness.ts";

const MEGABYTE = 2 ** 20;
/** Returns a definition of almost a megabyte. */
const large = (index: number) => ({
  Comment: "x".repeat(MEGABYTE - 1_000),
  StartAt: "P",
  States: { P: { Type: "Pass", Result: index, End: true } },
});
const outputOf = async (harness: Harness, stateMachineArn: string): Promise<unknown> => {
  const { executionArn } = await harness.call("StartExecution", { stateMachineArn });
  await harness.clock.settled();
  return (await harness.describe(String(executionArn)))["output"];
};

it("runs more large definitions than are kept parsed, each with its own text", async () => {
  const harness = new Harness();
  const machines: string[] = [];
  for (let index = 0; index < 12; index++)
    machines.push(await harness.create(large(index), `large-${index}`));
  for (let round = 0; round < 2; round++)
    for (const [index, arn] of machines.entries()) expect(await outputOf(harness, arn)).toBe(String(index));
  await harness.close();
});
