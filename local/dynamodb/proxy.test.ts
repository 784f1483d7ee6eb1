import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StackUnderTest, TABLE } from "../stack/test-stack.ts";

const local = new StackUnderTest();
beforeAll(() => local.start());
afterAll(() => local.remove());
beforeEach(async () => {
  await local.call("DELETE", "/local/usage");
  await local.call("DELETE", "/local/faults");
});

describe("DynamoDB", () => {
  it("meters only Sluice's own calls, by function, and hides fields that the caller did not request", async () => {
    expect((await local.call("PUT", "/v1/items/one", {})).body).toEqual({ written: "one" });
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    const answer = await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "one" } } }));
    expect([answer.Item?.["text"]?.S?.length, answer.ConsumedCapacity]).toEqual([1_500, undefined]);
    const asked = await client.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": { S: "one" } },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    expect(asked.ConsumedCapacity?.CapacityUnits).toBe(0.5);
    const { body: usage } = await local.call("GET", "/local/usage");
    const consumed = { readUnits: 1, writeUnits: 2, calls: 2 };
    expect(usage.dynamodb).toEqual({ ...consumed, byFunction: { "sluice-write": consumed } });
    expect(usage.lambdaInvocations).toEqual({ "sluice-write": 1 });
  });

  it("returns the service's own errors", async () => {
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    const put = new PutItemCommand({
      TableName: TABLE,
      Item: { PK: { S: "one" } },
      ConditionExpression: "attribute_not_exists(PK)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await client.send(new PutItemCommand({ TableName: TABLE, Item: { PK: { S: "one" } } }));
    const error = await client.send(put).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item).toEqual({ PK: { S: "one" } });
  });

  it("injects a fault before or after the write: the item is absent or present", async () => {
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    const put = (id: string) =>
      client.send(new PutItemCommand({ TableName: TABLE, Item: { PK: { S: id } } }));
    const exists = async (id: string) =>
      (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: id } } }))).Item !==
      undefined;
    for (const when of ["before", "after"]) {
      await local.call("POST", "/local/faults", {
        service: "dynamodb",
        operation: "PutItem",
        when,
        times: 1,
      });
      await expect(put(`fault-${when}`)).rejects.toMatchObject({ name: "InjectedFault" });
      expect(await exists(`fault-${when}`)).toBe(when === "after");
      await put(`then-${when}`);
    }
  });

  it("lets the SDK retry throttled calls and broken connections", async () => {
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    for (const error of ["ThrottlingException", "ConnectionReset", "InternalServerError"]) {
      await local.call("POST", "/local/faults", {
        service: "dynamodb",
        operation: "PutItem",
        when: "before",
        times: 1,
        error,
      });
      const { $metadata } = await client.send(
        new PutItemCommand({ TableName: TABLE, Item: { PK: { S: error } } }),
      );
      expect([error, $metadata.attempts]).toEqual([error, 2]);
    }
  });

  it("injects the same faults into the calls of Sluice's own functions, which use no socket", async () => {
    for (const [error, written] of [
      ["ConnectionReset", true],
      ["ThrottlingException", true],
      ["InjectedFault", false],
    ] as const) {
      const fault = { service: "dynamodb", operation: "PutItem", when: "before", times: 1, error };
      await local.call("POST", "/local/faults", fault);
      const { status } = await local.call("PUT", `/v1/items/own-${error}`, {});
      expect([error, status]).toEqual([error, written ? 200 : 500]);
      expect((await local.call("GET", "/local/faults")).body.items).toEqual([]);
    }
  });

  it("fails with a given probability, and the same calls for the same seed", async () => {
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    const pattern = async () => {
      await local.call("DELETE", "/local/faults");
      await local.call("POST", "/local/faults", {
        service: "dynamodb",
        operation: "GetItem",
        when: "before",
        probability: 0.5,
        seed: 7,
      });
      const results: boolean[] = [];
      for (let i = 0; i < 12; i++) {
        const get = client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "one" } } }));
        results.push(
          await get.then(
            () => true,
            () => false,
          ),
        );
      }
      return results;
    };
    const first = await pattern();
    expect(new Set(first).size).toBe(2);
    expect(await pattern()).toEqual(first);
  });
});
