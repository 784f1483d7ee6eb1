import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import type { AwsEndpoint } from "../aws/endpoint.ts";
import { serviceCause } from "../aws/service-answer.ts";
import {
  AwsError,
  type AwsService,
  type IntegrationAnswer,
  type IntegrationCall,
  type Integrations,
} from "../ports/services.ts";
import { answered, failed, requestOf, textOf } from "./answers.ts";
import { callDynamoDb } from "./dynamodb.ts";
import type { Queues } from "./queues.ts";
import { type Stubs, stubNames } from "./stubs.ts";
import type { Topics } from "./topics.ts";

interface Parts {
  readonly stubs?: Stubs | undefined;
  /** Opened after Step Functions. */
  readonly dynamodb?: () => AwsEndpoint | undefined;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly bus: AwsService;
}

/** Answers flows' calls: with the user's stubs, else with the services that the local stack has. */
export class LocalIntegrations implements Integrations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async call(call: IntegrationCall): Promise<IntegrationAnswer> {
    try {
      return (await this.#parts.stubs?.answer(call)) ?? (await this.#service(call)) ?? unknown(call);
    } catch (error) {
      return {
        kind: "failure",
        error: "States.Runtime",
        cause: error instanceof Error ? error.message : String(error),
      };
    }
  }

  async #service({ service, action, parameters }: IntegrationCall): Promise<IntegrationAnswer | undefined> {
    const { queues, topics, bus } = this.#parts;
    switch (`${service}:${action}`) {
      case "sqs:sendMessage":
        return queues.send(parameters);
      case "sns:publish":
        return topics.publish(parameters);
      case "events:putEvents":
        return putEvents(bus, parameters);
      default:
        return this.#dynamodb(service, action, parameters);
    }
  }

  #dynamodb(service: string, action: string, parameters: Json): Promise<IntegrationAnswer> | undefined {
    const dynamodb = /^(aws-sdk:)?dynamodb$/.test(service) ? this.#parts.dynamodb?.() : undefined;
    return dynamodb && callDynamoDb(dynamodb, action, parameters, service === "dynamodb");
  }
}

function unknown(call: IntegrationCall): IntegrationAnswer {
  const [name] = stubNames(call);
  const cause = `The local stack cannot call ${call.service}:${call.action}. Write a stub: the file ${name}.json with the answer, or ${name}.mjs with a function that returns it, in the folder of --stubs.`;
  return { kind: "unknown", cause };
}

/**
 * `events:putEvents`. As recorded from AWS: if the bus rejects an entry, the Task fails with the whole answer of the bus as its cause,
 * without the SDK's metadata.
 */
async function putEvents(bus: AwsService, parameters: Json): Promise<IntegrationAnswer> {
  const { Entries: entries } = requestOf(parameters);
  const request = {
    Entries: Array.isArray(entries)
      ? entries.map((entry) =>
          isJsonObject(entry) ? { ...requestOf(entry), Detail: textOf(entry["Detail"] ?? undefined) } : entry,
        )
      : entries,
  };
  try {
    const answer = (await bus.call("PutEvents", request)) as { FailedEntryCount: number; Entries: Json[] };
    const shown = { Entries: answer.Entries, FailedEntryCount: answer.FailedEntryCount };
    return answer.FailedEntryCount === 0
      ? answered(shown)
      : failed("EventBridge.FailedEntry", JSON.stringify(shown));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { name: code, message, status } = error;
    return failed(
      "EventBridge.AmazonEventBridgeException",
      serviceCause({ service: "AmazonEventBridge", status, code, message }),
    );
  }
}
