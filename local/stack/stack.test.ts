import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildStack } from "./stack.ts";
import { StackUnderTest, TABLE, testComposition } from "./test-stack.ts";

const local = new StackUnderTest("data");
beforeAll(() => local.start());
afterAll(() => local.remove());

describe("restart", () => {
  it("keeps the clock, the table, the schedules and the tokens; refuses a second stack on the same folder", async () => {
    const headers = await local.bearer({ user: "anna" });
    await local.call("PUT", "/v1/items/kept", {});
    const scheduler = new SchedulerClient(local.sdk("scheduler"));
    const target = {
      Arn: "arn:aws:lambda:us-east-1:000000000000:function:double",
      RoleArn: "arn:aws:iam::000000000000:role/r",
    };
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "kept",
        ScheduleExpression: "at(2200-01-01T00:00:00)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: target,
      }),
    );
    await local.call("POST", "/local/clock", { advanceBy: "P1D" });
    const { now } = (await local.call("GET", "/local/clock")).body;
    await expect(buildStack({ port: 0, data: join(local.folder, "data") }, testComposition)).rejects.toThrow(
      "Another local stack is using",
    );
    await local.stop();
    await local.start();
    expect((await local.call("GET", "/local/clock")).body.now >= now).toBe(true);
    const client = new DynamoDBClient(local.sdk("dynamodb"));
    expect(
      (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "kept" } } }))).Item,
    ).toBeDefined();
    expect(
      (await new SchedulerClient(local.sdk("scheduler")).send(new GetScheduleCommand({ Name: "kept" })))
        .Target?.Arn,
    ).toBe(target.Arn);
    expect((await local.call("POST", "/v1/echo/a/b", {}, headers)).status).toBe(201);
    // The functions' own client is as old as the process.
    expect((await local.call("PUT", "/v1/items/again", {})).body).toEqual({ written: "again" });
  });

  it("runs with another stack in one process, each with its own table", async () => {
    const other = await buildStack({ port: 0, data: ":memory:" }, testComposition);
    try {
      await local.call("PUT", "/v1/items/mine", {});
      const client = new DynamoDBClient({ ...local.sdk("dynamodb"), endpoint: `${other.url}/aws/dynamodb` });
      expect(
        (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "mine" } } }))).Item,
      ).toBeUndefined();
      await fetch(`${other.url}/v1/items/theirs`, { method: "PUT" });
      expect(
        (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "theirs" } } }))).Item,
      ).toBeDefined();
    } finally {
      await other.close();
    }
  });
});
