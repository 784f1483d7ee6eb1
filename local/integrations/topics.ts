import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Json } from "../../shared/model/json/json.ts";
import { serviceAnswer, serviceCause } from "../aws/service-answer.ts";
import type { Clock } from "../ports/clock.ts";
import type { IntegrationAnswer } from "../ports/services.ts";
import { JsonLog } from "../storage/json-log.ts";
import { answered, failed, requestOf, textOf } from "./answers.ts";

export interface Notification {
  readonly id: string;
  /** The topic's ARN, or the phone number. */
  readonly target: string;
  readonly message: string;
  readonly subject: string | undefined;
  readonly attributes: Json | undefined;
  readonly group: string | undefined;
  /** Epoch ms. */
  readonly published: number;
}

const TOPIC = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/;

const invalid = (why: string): IntegrationAnswer =>
  failed(
    "SNS.InvalidParameterException",
    serviceCause({
      service: "AmazonSNS",
      status: 400,
      code: "InvalidParameter",
      message: `Invalid parameter: ${why}`,
    }),
  );

/** SNS for flows: keeps the messages that they publish, by topic. A topic exists from its first message on. */
export class Topics {
  readonly #log: JsonLog<Notification>;
  readonly #clock: Pick<Clock, "now">;
  readonly #fifo = new Set<string>();

  constructor(database: DatabaseSync, clock: Pick<Clock, "now">) {
    this.#log = new JsonLog(database, "notification", "notification");
    this.#clock = clock;
  }

  /** Registers a FIFO topic whose name does not end in `.fifo`. */
  createFifo(arn: string): void {
    this.#fifo.add(arn);
  }

  publish(parameters: Json): IntegrationAnswer {
    const request = requestOf(parameters);
    const target = textOf(request["TopicArn"] ?? request["TargetArn"] ?? request["PhoneNumber"]);
    if (target === undefined || target === "")
      return invalid("TopicArn or TargetArn Reason: no value for required parameter");
    // For convenience, a name alone is accepted too.
    if (request["TopicArn"] !== undefined && target.startsWith("arn:") && !TOPIC.test(target))
      return invalid(
        `TopicArn Reason: An ARN must have at least 6 elements, not ${target.split(":").length}`,
      );
    const message = textOf(request["Message"]);
    if (message === undefined || message === "") return invalid("Empty message");
    const group = textOf(request["MessageGroupId"]);
    const isFifo = target.endsWith(".fifo") || this.#fifo.has(target);
    if (isFifo && group === undefined)
      return invalid("The MessageGroupId parameter is required for FIFO topics");
    const notification: Notification = {
      ...{ id: randomUUID(), target, message, subject: textOf(request["Subject"]), group },
      ...{ attributes: request["MessageAttributes"], published: this.#clock.now() },
    };
    const sequence = this.#log.add(notification);
    return answered({
      MessageId: notification.id,
      ...(isFifo ? { SequenceNumber: String(sequence).padStart(20, "0") } : {}),
      ...serviceAnswer({ "Content-Type": "text/xml" }),
    });
  }

  /** The notifications after number `after`, oldest first. */
  list(after: number): (Notification & { readonly seq: number })[] {
    return this.#log.list(after);
  }
}
