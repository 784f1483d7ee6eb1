import { createHash, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";
import { serviceAnswer, serviceCause } from "../aws/service-answer.ts";
import type { Clock } from "../ports/clock.ts";
import { AwsError, type IntegrationAnswer } from "../ports/services.ts";
import { JsonLog } from "../storage/json-log.ts";
import { answered, failed, requestOf, textOf } from "./answers.ts";

export interface Message {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: JsonObject | undefined;
  readonly group: string | undefined;
  /** Epoch ms. */
  readonly sent: number;
}

const SERVICE = "AmazonSQS";
/** Hosts of SQS, and those of the local stack. */
const SQS_HOST =
  /^(sqs\.[\w-]+\.amazonaws\.com(\.cn)?|([\w-]+\.)?queue\.amazonaws\.com|localhost|127\.0\.0\.1)$/;

const failure = (status: number, code: string, message: string, error = "AmazonSQSException") =>
  failed(`SQS.${error}`, serviceCause({ service: SERVICE, status, code, message }));

/** SQS for flows: keeps the messages that they send, by queue. A queue exists from its first message on. */
export class Queues {
  readonly #log: JsonLog<Message>;
  readonly #clock: Pick<Clock, "now">;
  readonly #known = new Set<string>();
  readonly #listeners = new Set<(queue: string) => void>();

  constructor(database: DatabaseSync, clock: Pick<Clock, "now">) {
    this.#log = new JsonLog(database, "message", "message");
    this.#clock = clock;
  }

  /** Registers a queue without messages, or one whose URL has another host than those of SQS. */
  create(url: string): void {
    this.#known.add(url);
  }

  /** The names of all queues, in order. */
  names(): string[] {
    const urls = [...this.#known, ...this.#log.list(0).map(({ queue }) => queue)];
    return [...new Set(urls.map(queueName))].sort();
  }

  /** Calls `listener` with the queue's name after each message that is sent. Returns a function that stops it. */
  onMessage(listener: (queue: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(parameters: Json): IntegrationAnswer {
    const request = requestOf(parameters);
    const { QueueUrl: url } = request;
    if (typeof url !== "string") return failure(400, "MissingParameter", missingText("QueueUrl"));
    const host = URL.canParse(url) ? new URL(url).hostname : undefined;
    // For convenience, a name alone is accepted too.
    if (host !== undefined && !SQS_HOST.test(host) && !this.#known.has(url))
      return failed(
        "SQS.SdkClientException",
        `Unable to execute HTTP request: ${host}: Name or service not known`,
      );
    try {
      return answered({ ...this.add({ ...request, QueueUrl: url }), ...serviceAnswer() });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return failure(error.status, error.name, error.message);
    }
  }

  /** Keeps a message, and returns SQS's answer. Throws an `AwsError` if a parameter is missing. */
  add(request: JsonObject & { readonly QueueUrl: string }): JsonObject {
    const { QueueUrl: url, MessageAttributes: attributes } = request;
    const body = textOf(request["MessageBody"]);
    if (body === undefined || body === "") throw missing("MessageBody");
    const isFifo = url.endsWith(".fifo");
    const group = textOf(request["MessageGroupId"]);
    if (isFifo && group === undefined) throw missing("MessageGroupId");
    const message: Message = {
      ...{ id: randomUUID(), queue: queueName(url), body, group, sent: this.#clock.now() },
      attributes: attributes as JsonObject | undefined,
    };
    const sequence = this.#log.add(message);
    for (const listener of this.#listeners) listener(message.queue);
    const digest = attributesDigest(attributes);
    return {
      ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
      MD5OfMessageBody: md5(body),
      MessageId: message.id,
      ...(isFifo ? { SequenceNumber: String(sequence).padStart(20, "0") } : {}),
    };
  }

  /** The messages of a queue, or of all queues, after number `after`; looks at the first `limit` of all queues, 0 for all. */
  list(after: number, queue?: string, limit = 0): (Message & { readonly seq: number })[] {
    return this.#log.list(after, limit).filter((message) => queue === undefined || message.queue === queue);
  }
}

/** SQS's digests of a message that is received. */
export const digestsOf = ({ body, attributes }: Message): JsonObject => {
  const digest = attributesDigest(attributes);
  return { MD5OfBody: md5(body), ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }) };
};

const missingText = (parameter: string): string => `The request must contain the parameter ${parameter}.`;

/** SQS's error for a request without a parameter. */
export const missing = (parameter: string): AwsError =>
  new AwsError("MissingParameter", missingText(parameter));

/** The last part of a queue's URL or ARN. */
export const queueName = (address: string): string =>
  address.split(/[/:]/).findLast((part) => part !== "") ?? address;

const md5 = (value: string | Buffer): string => createHash("md5").update(value).digest("hex");

/**
 * SQS's digest of a message's attributes: for each, in order of name, its name, type and value with their lengths.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
function attributesDigest(attributes: Json | undefined): string | undefined {
  if (!isJsonObject(attributes) || Object.keys(attributes).length === 0) return undefined;
  const parts = Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, attribute]) => {
      const {
        DataType: type = "String",
        StringValue: text,
        BinaryValue: bytes,
      } = isJsonObject(attribute) ? attribute : {};
      const isBinary = String(type).startsWith("Binary");
      const value = isBinary ? Buffer.from(String(bytes ?? ""), "base64") : Buffer.from(String(text ?? ""));
      return [
        sized(Buffer.from(name)),
        sized(Buffer.from(String(type))),
        Buffer.from([isBinary ? 2 : 1]),
        sized(value),
      ];
    });
  return md5(Buffer.concat(parts));
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
