import { expect, test } from "vitest";
import { isGranted } from "./own-grants.ts";

const call = (caller: string, service: string, operation: string, body: object = {}) =>
  isGranted({ caller, service, operation, body: Buffer.from(JSON.stringify(body)) });
const query = (caller: string, IndexName?: string) => call(caller, "dynamodb", "Query", { IndexName });
const start = (caller: string, machine: string) =>
  call(caller, "states", "StartExecution", {
    stateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:${machine}`,
  });

test("items are read and written by the functions that may, transactions too", () => {
  expect(call("sluice-warning", "dynamodb", "GetItem")).toBe(true);
  expect(call("sluice-warning", "dynamodb", "PutItem")).toBe(false);
  expect(call("sluice-warning", "dynamodb", "TransactWriteItems")).toBe(false);
  expect(call("sluice-gate", "dynamodb", "TransactWriteItems")).toBe(true);
  expect(call("sluice-gate", "dynamodb", "BatchWriteItem")).toBe(false);
  expect(call("sluice-control", "dynamodb", "BatchWriteItem")).toBe(true);
  expect(call("sluice-control", "dynamodb", "Scan")).toBe(false);
  expect(call("sluice-openapi", "dynamodb", "GetItem")).toBe(false);
});

test("an index is queried only by the functions that name it", () => {
  expect(query("sluice-gate")).toBe(true);
  expect(query("sluice-gate", "byStatus")).toBe(false);
  expect(query("sluice-sweep", "due")).toBe(true);
  expect(query("sluice-read", "due")).toBe(false);
});

test("a grant on the drain is none on flows, and the other way round", () => {
  expect(start("sluice-holds", "sluice-drain")).toBe(true);
  expect(start("sluice-auto-resume", "sluice-drain")).toBe(true);
  expect(start("sluice-auto-resume", "sluice-bulk")).toBe(false);
  expect(start("sluice-holds", "sluice-demo-orders")).toBe(false);
  expect(start("sluice-dispatch", "sluice-demo-orders:3")).toBe(true);
  expect(start("sluice-dispatch", "sluice-drain")).toBe(false);
});

test("other services are called by the functions that may, and nobody else is checked", () => {
  expect(call("sluice-gate", "scheduler", "CreateSchedule")).toBe(true);
  expect(call("sluice-admin", "scheduler", "CreateSchedule")).toBe(false);
  expect(call("sluice-sweep", "events", "PutEvents")).toBe(true);
  expect(call("sluice-gate", "events", "PutEvents")).toBe(false);
  expect(call("sluice-dispatch", "lambda", "Invoke")).toBe(true);
  expect(call("sluice-intake", "lambda", "Invoke")).toBe(false);
  expect(call("sluice-attach", "iam", "SimulatePrincipalPolicy")).toBe(true);
  expect(call("sluice-publish", "iam", "SimulatePrincipalPolicy")).toBe(false);
  expect(call("sluice-start", "dynamodb", "Scan")).toBe(true);
});
