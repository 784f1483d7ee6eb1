import type { Json } from "../../shared/model/json/json.ts";
import type { AwsService } from "../ports/services.ts";
import type { Outcome } from "./case.ts";

interface HistoryEvent {
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string };
}

/** All events of an execution. */
async function historyOf(service: AwsService, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = (await service.call("GetExecutionHistory", {
      executionArn,
      maxResults: 1000,
      ...(nextToken === undefined ? {} : { nextToken }),
    })) as { events: HistoryEvent[]; nextToken?: string };
    events.push(...page.events);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

const SCHEDULED = ["TaskScheduled", "LambdaFunctionScheduled"];

/** An execution's outcome, from its description and its history. */
export async function outcomeOf(service: AwsService, executionArn: string): Promise<Outcome> {
  const described = (await service.call("DescribeExecution", { executionArn })) as {
    status: string;
    output?: string;
    error?: string;
    cause?: string;
  };
  const events = await historyOf(service, executionArn);
  const path = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  const visits: Record<string, number> = {};
  for (const name of path) visits[name] = (visits[name] ?? 0) + 1;
  const { status, output, error, cause } = described;
  return {
    status,
    ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    visits,
    path,
    taskAttempts: events.filter((event) => SCHEDULED.includes(event.type)).length,
  };
}
