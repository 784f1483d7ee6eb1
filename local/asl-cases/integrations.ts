import { DatabaseSync } from "node:sqlite";
import { isJsonObject } from "../../shared/model/json/json.ts";
import { LocalEventBus } from "../events/bus.ts";
import { LocalIntegrations } from "../integrations/local-integrations.ts";
import { Queues } from "../integrations/queues.ts";
import { Topics } from "../integrations/topics.ts";
import type { Clock } from "../ports/clock.ts";
import type { IntegrationCall, Integrations } from "../ports/services.ts";
import type { AslCase } from "./case.ts";

/** A case about FIFO topics says so, because its ARNs do not. */
const isFifo = ({ id, definition }: AslCase): boolean => /fifo/i.test(`${id} ${definition["Comment"] ?? ""}`);

/**
 * The services that a case's states call: those of the local stack, with data of their own. A queue exists if its URL is one of
 * SQS, or if the case answers a token that is sent to it.
 */
export function caseIntegrations(aslCase: AslCase, clock: Clock): Integrations & { close(): void } {
  const database = new DatabaseSync(":memory:");
  const queues = new Queues(database, clock);
  const topics = new Topics(database, clock);
  const bus = new LocalEventBus({
    ...{ database, clock, statusChangeFunction: "none" },
    asynchronous: { enqueue: () => undefined },
  });
  const integrations = new LocalIntegrations({ queues, topics, bus });
  return {
    call(call: IntegrationCall) {
      const { QueueUrl: queue, TopicArn: topic } = isJsonObject(call.parameters) ? call.parameters : {};
      if (call.pattern === "waitForTaskToken" && typeof queue === "string") queues.create(queue);
      if (typeof topic === "string" && isFifo(aslCase)) topics.createFifo(topic);
      return integrations.call(call);
    },
    close: () => database.close(),
  };
}
