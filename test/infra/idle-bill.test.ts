import { beforeAll, expect, it } from "vitest";
import { deployedMemory, deployedResources } from "../bench/deployment.ts";
import { idleBill, unknownTypes } from "../bench/idle-bill.ts";
import { usageOfIdleSweep, type WorkUsage } from "../bench/run-usage.ts";
import { testStack } from "../harness/stack/test-stack.ts";

let sweep: WorkUsage;
beforeAll(async () => {
  const stack = await testStack();
  sweep = await usageOfIdleSweep(stack.admin);
  await stack.close();
});
const resources = deployedResources();

it("the price at rest of every deployed resource is known", () => {
  expect(unknownTypes(resources)).toEqual([]);
});

it("a sweep that finds nothing writes nothing", () => {
  expect(sweep.writeUnits).toBe(0);
  expect(sweep.readUnits).toBeLessThanOrEqual(12);
});

it("an idle deployment costs at most five dollars a month", () => {
  const bill = idleBill(resources, deployedMemory(), sweep);
  expect([...bill.values()].reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(5);
  expect(bill.get("AWS::CloudWatch::Alarm")).toBeGreaterThan(0);
  expect(resources.get("AWS::CloudWatch::Dashboard")?.length).toBeLessThanOrEqual(3);
  expect(bill.get("AWS::DynamoDB::GlobalTable")).toBeGreaterThan(0);
});
