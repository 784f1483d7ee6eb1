import type { Json } from "../../shared/model/json/json.ts";
import type { AwsEndpoint } from "../aws/endpoint.ts";
import type { AwsService, IntegrationAnswer, IntegrationCall, Integrations } from "../ports/services.ts";
import { callDynamoDb } from "./dynamodb.ts";
import { putEvents } from "./put-events.ts";
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
