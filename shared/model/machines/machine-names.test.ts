import { describe, expect, it } from "vitest";
import { executionArn, machineArn, nameInInstance, parseMachineName } from "./machine-names.ts";

const arnPrefix = "arn:aws:states:eu-west-1:111122223333";
const run = {
  workspace: "acme-2",
  incarnation: "abcdefghijklmnop",
  runId: "01a1fe2b-94bf-721e-b86d-9859ac04b023",
  version: 3,
  attempt: 2,
};

describe("the machines of an instance", () => {
  it("have the names of earlier releases in the instance sluice", () => {
    const place = { arnPrefix, instance: "sluice" };
    expect(machineArn(place, run)).toBe(`${arnPrefix}:stateMachine:sluice-acme-2-abcdefghijklmnop`);
    expect(executionArn(place, run)).toBe(
      `${arnPrefix}:execution:sluice-acme-2-abcdefghijklmnop:01a1fe2b-94bf-721e-b86d-9859ac04b023.2`,
    );
  });

  it("begin with the instance in another one", () => {
    const place = { arnPrefix, instance: "orders" };
    expect(machineArn(place, run)).toBe(`${arnPrefix}:stateMachine:orders-acme-2-abcdefghijklmnop`);
    expect(machineArn(place, { ...run, startState: "Ship" })).toMatch(
      /:stateMachine:orders-acme-2-abcdefghijklmnop-[0-9a-f]{12}$/,
    );
    expect(nameInInstance("orders", "sluice-drain")).toBe("orders-drain");
  });

  it("are recognized only by their own instance", () => {
    const identity = { workspace: "acme-2", incarnation: "abcdefghijklmnop" };
    expect(parseMachineName("sluice-acme-2-abcdefghijklmnop")).toEqual(identity);
    expect(parseMachineName("orders-acme-2-abcdefghijklmnop", "orders")).toEqual(identity);
    expect(parseMachineName("orders-acme-2-abcdefghijklmnop")).toBeUndefined();
    expect(parseMachineName("sluice-acme-2-abcdefghijklmnop", "orders")).toBeUndefined();
    for (const name of ["orders-drain", "orders2-acme-2-abcdefghijklmnop", "acme-2-abcdefghijklmnop"])
      expect(parseMachineName(name, "orders")).toBeUndefined();
  });

  it("have names of at most 80 characters", () => {
    const longest = { ...run, workspace: "w".repeat(40), startState: "Ship" };
    const name = machineArn({ arnPrefix, instance: "ninechars" }, longest).split(":").at(-1);
    expect(name).toHaveLength(80);
  });
});
