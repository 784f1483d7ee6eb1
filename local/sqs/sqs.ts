import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";
import { digestsOf, missing, type Queues, queueName } from "../integrations/queues.ts";
import { AwsError, type AwsService } from "../ports/services.ts";
import type { Received, Receiver } from "./receiver.ts";

const MAX_ENTRIES = 10;
const MAX_WAIT_SECONDS = 20;
const DEFAULT_VISIBILITY_SECONDS = 30;
const MAX_VISIBILITY_SECONDS = 43_200;

interface Parts {
  readonly queues: Queues;
  readonly receiver: Receiver;
  /** The URL of a queue. */
  readonly urlOf: (queue: string) => string;
  /** The flow that takes the queue's messages. */
  readonly consumerOf: (queue: string) => string | undefined;
}
type Entry = JsonObject & { readonly Id: string };

/**
 * SQS's own interface over the queues that flows send to, for programs with an AWS SDK. A queue exists from its first message, or from
 * when it is created.
 */
export class Sqs implements AwsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async call(operation: string, body: unknown, gone?: AbortSignal): Promise<unknown> {
    const { queues, urlOf } = this.#parts;
    const request = isJsonObject(body as Json) ? (body as JsonObject) : {};
    switch (operation) {
      case "CreateQueue":
        queues.create(textAt(request, "QueueName"));
        return { QueueUrl: urlOf(textAt(request, "QueueName")) };
      case "GetQueueUrl":
        return { QueueUrl: urlOf(textAt(request, "QueueName")) };
      case "ListQueues": {
        const prefix = String(request["QueueNamePrefix"] ?? "");
        return {
          QueueUrls: queues
            .names()
            .filter((name) => name.startsWith(prefix))
            .map(urlOf),
        };
      }
      case "SendMessage":
        return queues.add({ ...request, QueueUrl: textAt(request, "QueueUrl") });
      case "SendMessageBatch":
        return this.#each(request, (entry) =>
          queues.add({ ...entry, QueueUrl: textAt(request, "QueueUrl") }),
        );
      case "ReceiveMessage":
        return this.#receive(request, gone);
      case "DeleteMessage":
        return this.#delete(request);
      case "DeleteMessageBatch":
        return this.#each(request, (entry) => this.#delete(entry));
      case "ChangeMessageVisibility":
        return this.#show(request);
      case "ChangeMessageVisibilityBatch":
        return this.#each(request, (entry) => this.#show(entry));
      default:
        throw new AwsError("UnsupportedOperation", `The local stack does not support sqs:${operation}`);
    }
  }

  async #receive(request: JsonObject, gone: AbortSignal | undefined): Promise<JsonObject> {
    const { receiver, consumerOf } = this.#parts;
    const queue = queueName(textAt(request, "QueueUrl"));
    const flowId = consumerOf(queue);
    if (flowId !== undefined)
      throw new AwsError(
        "UnsupportedOperation",
        `The flow ${flowId} takes the messages of the queue ${queue}`,
      );
    const received = await receiver.receive({
      ...{ queue, gone },
      most: numberAt(request, "MaxNumberOfMessages", 1, 1, MAX_ENTRIES),
      waitMs: 1_000 * numberAt(request, "WaitTimeSeconds", 0, 0, MAX_WAIT_SECONDS),
      visibilityMs: 1_000 * visibilityAt(request, DEFAULT_VISIBILITY_SECONDS),
    });
    const asked = [request["AttributeNames"], request["MessageSystemAttributeNames"]].flat();
    return received.length === 0 ? {} : { Messages: received.map((one) => shown(one, asked)) };
  }

  #delete(request: JsonObject): JsonObject {
    this.#parts.receiver.delete(textAt(request, "ReceiptHandle"));
    return {};
  }

  #show(request: JsonObject): JsonObject {
    this.#parts.receiver.show(textAt(request, "ReceiptHandle"), 1_000 * visibilityAt(request, undefined));
    return {};
  }

  /** Answers each entry of a batch by itself. */
  #each({ Entries: entries }: JsonObject, perform: (entry: Entry) => JsonObject): JsonObject {
    if (!Array.isArray(entries) || entries.length === 0)
      throw new AwsError("EmptyBatchRequest", "There must be at least one entry in the request.");
    if (entries.length > MAX_ENTRIES)
      throw new AwsError(
        "TooManyEntriesInBatchRequest",
        `Maximum number of entries per request are ${MAX_ENTRIES}.`,
      );
    const given = entries.map((entry): Entry => {
      const object = isJsonObject(entry) ? entry : {};
      return { ...object, Id: textAt(object, "Id") };
    });
    if (new Set(given.map(({ Id }) => Id)).size < given.length)
      throw new AwsError(
        "BatchEntryIdsNotDistinct",
        "Two or more batch entries in the request have the same Id.",
      );
    const successful: JsonObject[] = [];
    const failed: JsonObject[] = [];
    for (const entry of given) {
      try {
        successful.push({ Id: entry.Id, ...perform(entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        failed.push({ Id: entry.Id, Code: error.name, Message: error.message, SenderFault: true });
      }
    }
    return { Successful: successful, Failed: failed };
  }
}

const textAt = (request: JsonObject, name: string): string => {
  const value = request[name];
  if (typeof value !== "string" || value === "") throw missing(name);
  return value;
};

const numberAt = (
  request: JsonObject,
  name: string,
  otherwise: number | undefined,
  least: number,
  most: number,
) => {
  const value = request[name] ?? otherwise;
  if (value === undefined) throw missing(name);
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new AwsError(
    "InvalidParameterValue",
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}.`,
  );
};

const visibilityAt = (request: JsonObject, otherwise: number | undefined): number =>
  numberAt(request, "VisibilityTimeout", otherwise, 0, MAX_VISIBILITY_SECONDS);

const shown = ({ message, receipt }: Received, asked: readonly unknown[]): JsonObject => {
  const all: JsonObject = {
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(receipt.receives),
    ApproximateFirstReceiveTimestamp: String(receipt.first),
    ...(message.group === undefined ? {} : { MessageGroupId: message.group }),
  };
  const attributes = Object.entries(all).filter(([name]) => asked.includes("All") || asked.includes(name));
  return {
    ...{ MessageId: message.id, ReceiptHandle: receipt.handle, Body: message.body },
    ...digestsOf(message),
    ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
    ...(message.attributes === undefined ? {} : { MessageAttributes: message.attributes }),
  };
};
