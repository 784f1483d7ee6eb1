import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { TableStream } from "./table-stream.ts";

const KEYS = { PK: { S: "p" }, SK: { S: "RUN" } };
const image = (rev: number, status = "paused"): JsonObject => ({
  ...KEYS,
  ...{ rev: { N: String(rev) }, status: { S: status }, more: { S: `of ${rev}` } },
});
const PUT = { TableName: "t", Item: image(1), ConditionExpression: "attribute_not_exists(PK)" };
const UPDATE = {
  ...{ TableName: "t", Key: KEYS, ReturnValues: "ALL_NEW", UpdateExpression: "SET #rev = :rev" },
  ExpressionAttributeNames: { "#rev": "rev" },
};
const taken = (rev: number, status?: string) => ({
  ...{ status: 200, headers: {} },
  body: JSON.stringify({ Attributes: image(rev, status) }),
});
const asText = (body: object): Buffer => Buffer.from(JSON.stringify(body));
const REFUSED = { status: 400, headers: {}, body: "{}" };

/** A stream over a table of one item, which the test writes itself. */
function newStream(database = new DatabaseSync(":memory:")) {
  const told: { eventName: string; old: string | undefined; rev: string | undefined }[] = [];
  const table: { item: JsonObject | undefined; reads: number } = { item: undefined, reads: 0 };
  const stream = new TableStream({
    database,
    definition: {
      ...{ table: "t", key: ["PK", "SK"], revision: "rev", oldAttributes: ["status"] },
      filters: [
        { eventName: ["INSERT"], dynamodb: { Keys: { SK: { S: ["RUN"] } } } },
        {
          eventName: ["MODIFY"],
          dynamodb: {
            Keys: { SK: { S: [{ prefix: "RU" }] } },
            NewImage: { status: { S: [{ "anything-but": ["running"] }] } },
          },
        },
        { eventName: ["REMOVE"], dynamodb: { OldImage: { more: { S: [{ exists: true }] } } } },
      ],
    },
    clock: { now: () => 0, schedule: () => ({ cancel: () => undefined }) },
    read: async () => {
      table.reads += 1;
      return table.item;
    },
    out: ({ text }) => {
      const { eventName, dynamodb } = JSON.parse(text);
      told.push({ eventName, old: dynamodb.OldImage?.rev.N, rev: dynamodb.NewImage?.rev.N });
    },
  });
  const left = () => database.prepare("SELECT count(*) AS n FROM stream_write").get()?.["n"];
  return { stream, told, table, left, database };
}

test("each write makes a record with the old image; rejected and irrelevant writes make none", async () => {
  const { stream, told, table, left } = newStream();
  const put = await stream.begin("PutItem", asText(PUT));
  await put?.end({ status: 200, headers: {}, body: "{}" });
  const move = await stream.begin("UpdateItem", asText(UPDATE));
  await move?.end(taken(2));
  const refused = await stream.begin("UpdateItem", asText(UPDATE));
  await refused?.end(REFUSED);
  const unlike = await stream.begin("UpdateItem", asText(UPDATE));
  await unlike?.end(taken(3, "running"));
  expect(told).toEqual([
    { eventName: "INSERT", old: undefined, rev: "1" },
    { eventName: "MODIFY", old: "1", rev: "2" },
  ]);
  expect([left(), table.reads]).toEqual([2, 0]);
  for (const [operation, body] of [
    ["UpdateItem", { ...UPDATE, UpdateExpression: "SET step = :step", ExpressionAttributeNames: {} }],
    ["UpdateItem", { ...UPDATE, TableName: "another" }],
    ["PutItem", { TableName: "t", Item: { ...image(1), SK: { S: "IN" } } }],
    ["Query", { TableName: "t" }],
  ] as const) {
    expect(await stream.begin(operation, asText(body)), operation).toBeUndefined();
  }
});

test("responses out of order: every revision is in exactly one record", async () => {
  const { stream, told, table } = newStream();
  table.item = image(3);
  const first = await stream.begin("UpdateItem", asText(UPDATE));
  const second = await stream.begin("UpdateItem", asText(UPDATE));
  await second?.end(taken(5));
  await first?.end(taken(4));
  const third = await stream.begin("UpdateItem", asText(UPDATE));
  const fourth = await stream.begin("UpdateItem", asText(UPDATE));
  await third?.end(taken(6));
  await fourth?.end(taken(7));
  expect(told.map(({ old, rev }) => [old, rev])).toEqual([
    ["3", "5"],
    ["5", "6"],
    ["6", "7"],
  ]);
});

test("a process that dies before the response: the next one reads the table", async () => {
  const { stream, table, database } = newStream();
  table.item = image(3);
  await stream.begin("UpdateItem", asText(UPDATE));
  const written = newStream(database);
  written.table.item = image(4);
  await written.stream.start();
  expect(written.told).toEqual([{ eventName: "MODIFY", old: "3", rev: "4" }]);

  // The process dies once more before the record is processed, with a write in progress that never took effect.
  await written.stream.begin("UpdateItem", asText(UPDATE));
  const again = newStream(database);
  again.table.item = image(4);
  await again.stream.start();
  expect(again.told).toEqual(written.told);
  expect(again.left()).toBe(1);
});

test("writes of a transaction and a batch; a deletion with the complete image", async () => {
  const { stream, told, table } = newStream();
  const transaction = await stream.begin("TransactWriteItems", asText({ TransactItems: [{ Put: PUT }] }));
  await transaction?.end({ status: 200, headers: {}, body: "{}" });
  table.item = image(2);
  const batch = { RequestItems: { t: [{ PutRequest: { Item: image(2) } }] } };
  await (await stream.begin("BatchWriteItem", asText(batch)))?.end({ status: 200, headers: {}, body: "{}" });
  const deletion = await stream.begin("DeleteItem", asText({ TableName: "t", Key: KEYS }));
  table.item = undefined;
  await deletion?.end({ status: 200, headers: {}, body: "{}" });
  expect(told).toEqual([
    { eventName: "INSERT", old: undefined, rev: "1" },
    { eventName: "MODIFY", old: "1", rev: "2" },
    { eventName: "REMOVE", old: "2", rev: undefined },
  ]);
});
