import type { DatabaseSync } from "node:sqlite";
import { ENDED_STATUSES } from "../../infra/event-sources.ts";
import { ACCOUNT, REGION } from "../aws/function-name.ts";
import type { AsyncInvocations } from "../lambda/async-invocations.ts";
import type { Clock } from "../ports/clock.ts";
import { AwsError, type AwsService, type BusEvent, type EventBus } from "../ports/services.ts";
import { inTransaction } from "../storage/data-folder.ts";
import { JsonLog } from "../storage/json-log.ts";

/** The rule's pattern. The start of an execution only goes into the log. */
const hasEnded = ({ detail }: BusEvent): boolean => ENDED_STATUSES.includes(String(detail["status"]));

/** Step Functions' own event of an execution. */
const STATUS_CHANGE = "Step Functions Execution Status Change";
/** EventBridge's limit of one PutEvents call. */
const MAX_ENTRIES = 10;

interface Entry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
  readonly Time?: unknown;
  readonly Resources?: unknown;
}

interface Parts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly asynchronous: Pick<AsyncInvocations, "enqueue">;
  /** The name of the function that gets `Step Functions Execution Status Change` of executions that ended. */
  readonly statusChangeFunction: string;
}

/** EventBridge: stores every event in a readable log, sends the ends of executions to the target of its own rule, and all to a listener. */
export class LocalEventBus implements EventBus, AwsService {
  readonly #parts: Parts;
  readonly #log: JsonLog<object>;
  #listener: (event: object) => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#log = new JsonLog(parts.database, "event", "event");
  }

  /** Calls `listener` with each event, within the transaction that stores it. */
  onEvent(listener: (event: object) => void): void {
    this.#listener = listener;
  }

  async publish(event: BusEvent): Promise<void> {
    inTransaction(this.#parts.database, () => this.emit(event));
  }

  /** Publishes within the caller's transaction. */
  emit(event: BusEvent): void {
    const whole = { version: "0", id: crypto.randomUUID(), account: ACCOUNT, region: REGION, ...event };
    this.#add(whole);
    if (event["detail-type"] !== STATUS_CHANGE || !hasEnded(event)) return;
    this.#parts.asynchronous.enqueue({
      functionName: this.#parts.statusChangeFunction,
      payload: JSON.stringify(whole),
      source: "events",
    });
  }

  #add(event: object): void {
    this.#log.add(event);
    this.#listener(event);
  }

  /** The events after number `after`, oldest first; at most `limit`, 0 for all. */
  list(after: number, limit = 0): readonly object[] {
    return this.#log.list(after, limit);
  }

  /** `PutEvents`, the only operation that a publisher needs. */
  async call(operation: string, body: unknown): Promise<unknown> {
    if (operation !== "PutEvents")
      throw new AwsError("UnknownOperationException", `The local stack does not support ${operation}`);
    const entries = (body as { Entries?: unknown }).Entries;
    if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_ENTRIES) {
      throw new AwsError("ValidationException", `Entries must have 1 to ${MAX_ENTRIES} members`);
    }
    const answers = inTransaction(this.#parts.database, () =>
      entries.map((entry: Entry) => this.#put(entry)),
    );
    return { FailedEntryCount: answers.filter((answer) => "ErrorCode" in answer).length, Entries: answers };
  }

  #put(entry: Entry): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    const detail = parseObject(entry.Detail);
    if (typeof entry.Source !== "string" || typeof entry.DetailType !== "string") {
      const name = typeof entry.Source === "string" ? "DetailType" : "Source";
      const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
      return { ErrorCode: "InvalidArgument", ErrorMessage };
    }
    if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
    const id = crypto.randomUUID();
    const time = typeof entry.Time === "number" ? entry.Time * 1_000 : this.#parts.clock.now();
    const event = {
      version: "0",
      id,
      account: ACCOUNT,
      region: REGION,
      source: entry.Source,
      "detail-type": entry.DetailType,
      time: new Date(time).toISOString(),
      resources: Array.isArray(entry.Resources) ? entry.Resources : [],
      detail,
    };
    this.#add(event);
    return { EventId: id };
  }
}

function parseObject(text: unknown): object | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
