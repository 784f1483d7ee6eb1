import { describe, expect, it } from "vitest";
import {
  executionArn,
  executionNames,
  executionOfChild,
  machineArn,
  machineName,
  nameInArn,
  nameInInstance,
  nativeExecutionName,
  parseExecutionArn,
  parseExecutionName,
  parseMachineName,
} from "./machine-names.ts";

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

describe("names and ARNs", () => {
  const INCARNATION = "abcdefghijklmnop";
  const RUN = "01a1fe2b-94bf-721e-b86d-9859ac04b023";

  // Computed with another implementation of SHA-256. Executions of released versions have these names.
  it("stay the same for ever", () => {
    expect(machineName("w", INCARNATION)).toBe(`sluice-w-${INCARNATION}`);
    expect(machineName("w", INCARNATION, { version: 3, state: "Ship" })).toBe(
      `sluice-w-${INCARNATION}-d4648e36d3f2`,
    );
    expect(nativeExecutionName("arn:x", "2026-01-01T00:00:00Z")).toBe(
      "abb384a3-c093-86cc-afef-5c4a8eeb8539.1",
    );
    expect(nameInInstance("orders", "my-sluice-drain")).toBe("my-sluice-drain");
    expect(nameInInstance("orders", "sluices")).toBe("sluices");
    expect(nameInInstance("orders", "sluice")).toBe("orders");
  });

  it.each([
    [`${RUN}.1`, { runId: RUN, attempt: 1 }],
    [`${RUN}.120`, { runId: RUN, attempt: 120 }],
    [`${RUN}.0`, undefined],
    [`${RUN}.`, undefined],
    [`${RUN}.1234567890`, undefined],
    [`x${RUN}.1`, undefined],
    [`${RUN}.1x`, undefined],
    [RUN, undefined],
    [RUN.replace("01a1", "01A1"), undefined],
  ])("the execution %s", (name, expected) => {
    expect(parseExecutionName(name)).toEqual(expected);
  });

  it.each([
    [`sluice-acme-${INCARNATION}`, "acme"],
    [`sluice-acme-${INCARNATION}-0123456789ab`, "acme"],
    [`sluice-${"w".repeat(40)}-${INCARNATION}`, "w".repeat(40)],
    [`sluice-${"w".repeat(41)}-${INCARNATION}`, undefined],
    [`sluice-acme-${INCARNATION}-0123456789`, undefined],
    [`sluice-acme-${INCARNATION}-0123456789ab-x`, undefined],
    [`sluice--acme-${INCARNATION}`, undefined],
    [`sluice-acme-${INCARNATION.toUpperCase()}`, undefined],
    [`my-sluice-acme-${INCARNATION}`, undefined],
  ])("the machine %s", (name, workspace) => {
    expect(parseMachineName(name)?.workspace).toBe(workspace);
  });

  const place = { arnPrefix, instance: "sluice" };
  it("of executions lead back to the flow and the execution", () => {
    const own = executionArn(place, run);
    expect(parseExecutionArn(own)).toEqual({
      workspace: "acme-2",
      incarnation: INCARNATION,
      execution: `${RUN}.2`,
    });
    expect(parseExecutionArn(own, "orders")).toBeUndefined();
    expect(executionNames(own)).toEqual({
      machine: `sluice-acme-2-${INCARNATION}`,
      execution: `${RUN}.2`,
    });
    expect(nameInArn(own)).toBe(`${RUN}.2`);
    // Others have started only the first execution.
    const native = { ...run, machine: "theirs", execution: "e-1" };
    expect(executionArn(place, { ...native, attempt: 1 })).toBe(`${arnPrefix}:execution:theirs:e-1`);
    expect(executionArn(place, native)).toBe(`${arnPrefix}:execution:theirs:${RUN}.2`);
  });

  it.each([
    `${arnPrefix}:stateMachine:m:e`,
    `${arnPrefix}:express:m:e`,
    `${arnPrefix}:execution:m`,
    `${arnPrefix}:execution:m:e:f`,
    `${arnPrefix}:execution::e`,
    "arn:aws:lambda:eu-west-1:111122223333:execution:m:e",
    `x${arnPrefix}:execution:m:e`,
    "",
  ])("%j is not the ARN of a STANDARD execution", (arn) => {
    expect(executionNames(arn)).toBeUndefined();
    expect(parseExecutionArn(arn)).toBeUndefined();
  });

  it("of a Distributed Map's child lead to the run's execution", () => {
    expect(executionOfChild(`${arnPrefix}:execution:m/Each:c-1`, "r.1")).toBe(`${arnPrefix}:execution:m:r.1`);
    expect(executionOfChild(`${arnPrefix}:execution:m/Each:c-1/In:c-2`, "r.1")).toBe(
      `${arnPrefix}:execution:m:r.1`,
    );
    expect(executionOfChild(`${arnPrefix}:execution:m:r.1`, "r.2")).toBe(`${arnPrefix}:execution:m:r.1`);
  });
});
