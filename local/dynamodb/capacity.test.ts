import { expect, it } from "vitest";
import { unitsOf } from "./capacity.ts";

it("adds up the units in the response, table by table", () => {
  expect(unitsOf("Query", { ConsumedCapacity: { CapacityUnits: 2.5 } })).toEqual({
    readUnits: 2.5,
    writeUnits: 0,
  });
  const two = { ConsumedCapacity: [{ CapacityUnits: 4 }, { CapacityUnits: 2 }] };
  expect(unitsOf("TransactWriteItems", two)).toEqual({ readUnits: 0, writeUnits: 6 });
  expect(unitsOf("BatchGetItem", two)).toEqual({ readUnits: 6, writeUnits: 0 });
});

const refusal = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";

it("bills a rejected write by the size of the existing item, at least one unit", () => {
  expect(unitsOf("UpdateItem", { __type: refusal }).writeUnits).toBe(1);
  expect(unitsOf("UpdateItem", { __type: refusal, Item: { PK: { S: "a" } } }).writeUnits).toBe(1);
  // 4 + 1021 bytes are 1,025; one byte fewer is exactly 1 KiB.
  expect(
    unitsOf("UpdateItem", { __type: refusal, Item: { text: { S: "x".repeat(1_021) } } }).writeUnits,
  ).toBe(2);
  expect(
    unitsOf("UpdateItem", { __type: refusal, Item: { text: { S: "x".repeat(1_020) } } }).writeUnits,
  ).toBe(1);
  // Two bytes per letter.
  expect(
    unitsOf("UpdateItem", { __type: refusal, Item: { text: { S: "ä".repeat(1_000) } } }).writeUnits,
  ).toBe(2);
});

it("bills a cancelled transaction twice for each item", () => {
  const answer = {
    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    CancellationReasons: [
      { Code: "ConditionalCheckFailed", Item: { text: { S: "x".repeat(2_000) } } },
      { Code: "None" },
    ],
  };
  expect(unitsOf("TransactWriteItems", answer).writeUnits).toBe(6);
});

it("bills nothing for failed calls", () => {
  expect(unitsOf("PutItem", { __type: "com.amazon.coral.validate#ValidationException" })).toEqual({
    readUnits: 0,
    writeUnits: 0,
  });
  expect(unitsOf("PutItem", undefined)).toEqual({ readUnits: 0, writeUnits: 0 });
});
