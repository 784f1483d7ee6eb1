import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import { serviceCause } from "../aws/service-answer.ts";
import { AwsError, type AwsService, type IntegrationAnswer } from "../ports/services.ts";
import { answered, failed, requestOf, textOf } from "./answers.ts";

/**
 * `events:putEvents`. As recorded from the service: an entry that the bus rejects fails the Task with the bus's whole answer as its
 * cause, and the answer has no metadata of the SDK.
 */
export async function putEvents(bus: AwsService, parameters: Json): Promise<IntegrationAnswer> {
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
