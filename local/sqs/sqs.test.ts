import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { Queues } from "../integrations/queues.ts";
import { Receiver } from "./receiver.ts";
import { Sqs } from "./sqs.ts";

const URL_OF = (queue: string) => `http://localhost:1/aws/sqs/000000000000/${queue}`;
const QueueUrl = URL_OF("jobs");

interface Answer {
  readonly Messages?: readonly {
    readonly MessageId: string;
    readonly ReceiptHandle: string;
    readonly Body: string;
    readonly MD5OfBody: string;
    readonly Attributes?: Readonly<Record<string, string>>;
    readonly MessageAttributes?: unknown;
  }[];
  readonly MessageId?: string;
}

describe("SQS", () => {
  let now = 0;
  let sqs: Sqs;
  beforeEach(() => {
    now = Date.parse("2026-03-01T12:00:00.000Z");
    const database = new DatabaseSync(":memory:");
    const clock = { now: () => now };
    const queues = new Queues(database, clock);
    sqs = new Sqs({
      ...{ queues, receiver: new Receiver(database, clock, queues), urlOf: URL_OF },
      consumerOf: (queue) => (queue === "taken" ? "orders" : undefined),
    });
  });
  const call = (operation: string, body: object, gone?: AbortSignal) =>
    sqs.call(operation, { QueueUrl, ...body }, gone) as Promise<Answer>;
  const bodies = ({ Messages = [] }: Answer) => Messages.map(({ Body }) => Body);

  test("keeps messages in order, shows each to one receiver until its visibility timeout, and deletes it", async () => {
    const attributes = { kind: { DataType: "String", StringValue: "a" } };
    const { MessageId } = await call("SendMessage", { MessageBody: "1", MessageAttributes: attributes });
    await call("SendMessage", { MessageBody: "2" });
    const all = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] };
    const first = await call("ReceiveMessage", { ...all, MaxNumberOfMessages: 1 });
    expect(first.Messages).toMatchObject([
      { MessageId, Body: "1", MD5OfBody: createHash("md5").update("1").digest("hex") },
    ]);
    expect(first.Messages?.[0]).toMatchObject({
      Attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(now) },
      MessageAttributes: attributes,
    });
    expect(bodies(await call("ReceiveMessage", { ...all, VisibilityTimeout: 5 }))).toEqual(["2"]);
    expect(await call("ReceiveMessage", all)).toEqual({});
    await call("DeleteMessage", { ReceiptHandle: first.Messages?.[0]?.ReceiptHandle });
    now += 6_000;
    const again = await call("ReceiveMessage", all);
    expect(again.Messages).toMatchObject([{ Body: "2", Attributes: { ApproximateReceiveCount: "2" } }]);
    const handle = { ReceiptHandle: again.Messages?.[0]?.ReceiptHandle };
    await call("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 0 });
    expect(bodies(await call("ReceiveMessage", all))).toEqual(["2"]);
    await call("DeleteMessage", handle);
    now += 43_200_000;
    expect(await call("ReceiveMessage", all)).toEqual({});
  });

  test("answers each entry of a batch", async () => {
    const Entries = [
      { Id: "a", MessageBody: "1" },
      { Id: "b", MessageBody: "" },
    ];
    expect(await call("SendMessageBatch", { Entries })).toMatchObject({
      Successful: [{ Id: "a", MD5OfMessageBody: createHash("md5").update("1").digest("hex") }],
      Failed: [{ Id: "b", Code: "MissingParameter", SenderFault: true }],
    });
    const { Messages = [] } = await call("ReceiveMessage", { MaxNumberOfMessages: 10 });
    const handles = [...Messages.map(({ ReceiptHandle }) => ReceiptHandle), "nothing"];
    const deleted = await call("DeleteMessageBatch", {
      Entries: handles.map((ReceiptHandle, n) => ({ Id: String(n), ReceiptHandle })),
    });
    expect(deleted).toMatchObject({
      Successful: [{ Id: "0" }],
      Failed: [{ Id: "1", Code: "ReceiptHandleIsInvalid" }],
    });
    for (const [wrong, name] of [
      [[], "EmptyBatchRequest"],
      [Array.from({ length: 11 }, (_, n) => ({ Id: String(n), MessageBody: "x" })), "TooManyEntries"],
      [
        [
          { Id: "a", MessageBody: "x" },
          { Id: "a", MessageBody: "y" },
        ],
        "NotDistinct",
      ],
    ] as const)
      await expect(call("SendMessageBatch", { Entries: wrong })).rejects.toMatchObject({
        name: expect.stringContaining(name),
      });
    expect(await call("ReceiveMessage", {})).toEqual({});
  });

  test("waits for a message, and no longer than its caller does", async () => {
    const waiting = call("ReceiveMessage", { WaitTimeSeconds: 20 });
    await call("SendMessage", { QueueUrl: URL_OF("others"), MessageBody: "x" });
    await call("SendMessage", { MessageBody: "1" });
    expect(bodies(await waiting)).toEqual(["1"]);
    const gone = new AbortController();
    const leaving = call("ReceiveMessage", { WaitTimeSeconds: 20 }, gone.signal);
    gone.abort();
    expect(await leaving).toEqual({});
    await call("SendMessage", { MessageBody: "2" });
    expect(bodies(await call("ReceiveMessage", {}))).toEqual(["2"]);
  });

  test("lists queues, and leaves the messages of a queue to the flow that takes them", async () => {
    expect(await call("CreateQueue", { QueueName: "jobs-2" })).toEqual({ QueueUrl: URL_OF("jobs-2") });
    await call("SendMessage", { MessageBody: "1" });
    expect(await call("GetQueueUrl", { QueueName: "jobs" })).toEqual({ QueueUrl });
    expect(await call("ListQueues", {})).toEqual({ QueueUrls: [QueueUrl, URL_OF("jobs-2")] });
    expect(await call("ListQueues", { QueueNamePrefix: "jobs-" })).toEqual({ QueueUrls: [URL_OF("jobs-2")] });
    await expect(call("ReceiveMessage", { QueueUrl: URL_OF("taken") })).rejects.toThrow(
      "The flow orders takes",
    );
  });

  test.each([
    ["SendMessage", {}, "MissingParameter"],
    ["SendMessage", { QueueUrl: URL_OF("a.fifo"), MessageBody: "x" }, "MissingParameter"],
    ["ReceiveMessage", { MaxNumberOfMessages: 11 }, "InvalidParameterValue"],
    ["ReceiveMessage", { WaitTimeSeconds: 21 }, "InvalidParameterValue"],
    ["DeleteMessage", { ReceiptHandle: "x" }, "ReceiptHandleIsInvalid"],
    ["TagQueue", {}, "UnsupportedOperation"],
  ])("%s %j: %s", async (operation, body, name) => {
    await expect(call(operation, body)).rejects.toMatchObject({ name });
  });
});
