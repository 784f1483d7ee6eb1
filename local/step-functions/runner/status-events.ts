import type { Activity, Clock, TimerHandle } from "../../ports/clock.ts";
import type { BusEvent, EventBus } from "../../ports/services.ts";
import type { Execution } from "../model/execution.ts";
import type { Database } from "../store/database.ts";
import type { Executions } from "../store/executions.ts";
import type { Outbox } from "../store/outbox.ts";

/** Bytes of an event's input and output together; above it the service omits both. */
const DATA_LIMIT = 248 * 1024;
/**
 * Delay between attempts, doubled each time: if the clock advances by weeks, a bus that is down must not be called every
 * second.
 */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 3_600_000;

interface StatusEventDeps {
  readonly database: Database;
  readonly executions: Executions;
  readonly outbox: Outbox;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly activity: Activity;
}

/** `Step Functions Execution Status Change` as EventBridge documents it. */
function statusEvent(execution: Execution, input: string, output: string | undefined, now: number): BusEvent {
  const size = Buffer.byteLength(JSON.stringify(input)) + Buffer.byteLength(JSON.stringify(output ?? ""));
  const included = size <= DATA_LIMIT;
  const { arn, machine, version, name, status, started, stopped, error, cause, redrives, redriven } =
    execution;
  return {
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    time: new Date(now).toISOString(),
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: machine,
      ...(version === undefined ? {} : { stateMachineVersionArn: `${machine}:${version}` }),
      name,
      status,
      startDate: started,
      stopDate: stopped ?? null,
      ...(included ? { input } : {}),
      inputDetails: { included },
      output: included ? (output ?? null) : null,
      ...(output === undefined ? {} : { outputDetails: { included } }),
      error: error ?? null,
      cause: cause ?? null,
      redriveCount: redrives,
      ...(redriven === undefined ? {} : { redriveDate: redriven }),
    },
  };
}

/** Publishes status events from the outbox: written in the same transaction as the status, delivered in order, at least once. */
export class StatusEvents {
  readonly #deps: StatusEventDeps;
  #delivering = false;
  #retry: TimerHandle | undefined;
  #retryMs = FIRST_RETRY_MS;
  constructor(deps: StatusEventDeps) {
    this.#deps = deps;
  }

  add(id: number): void {
    const { executions, outbox, database, clock, activity } = this.#deps;
    const { input, output } = executions.data(id);
    outbox.add(statusEvent(executions.get(id), input, output, clock.now()));
    const end = activity.begin();
    database.afterCommit(() => void this.deliver().finally(end));
  }

  async deliver(): Promise<void> {
    const { database, outbox, bus, clock } = this.#deps;
    if (this.#delivering || database.closed) return;
    this.#delivering = true;
    const end = this.#deps.activity.begin();
    try {
      for (let event = outbox.first(); event !== undefined; event = outbox.first()) {
        await bus.publish(event);
        this.#retryMs = FIRST_RETRY_MS;
        if (database.closed) return;
        outbox.removeFirst();
      }
    } catch {
      // The bus has rejected the event, which stays in the outbox for the next attempt.
      this.#retry?.cancel();
      this.#retry = clock.schedule(clock.now() + this.#retryMs, () => this.deliver());
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    } finally {
      this.#delivering = false;
      end();
    }
  }

  stop(): void {
    this.#retry?.cancel();
  }
}
