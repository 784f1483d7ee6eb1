import type { DatabaseSync } from "node:sqlite";
import type { AsyncInvocations } from "../lambda/async-invocations.ts";
import type { DeadLetters } from "../lambda/dead-letters.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { Activity, Clock } from "../ports/clock.ts";
import { AwsError } from "../ports/services.ts";
import { inTransaction } from "../storage/data-folder.ts";
import type { Delivery, SchedulerStore } from "./store.ts";

const MAX_BACKOFF_MS = 15 * 60_000;

interface Parts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: Lambda;
  readonly asynchronous: AsyncInvocations;
  readonly deadLetters: DeadLetters;
  /** Calls Step Functions, with the same faults and counters as a call over HTTP. */
  readonly states: (operation: string, body: unknown) => Promise<unknown>;
}

/**
 * Delivers events to their targets, at least once. A delivery is retried according to the schedule's retry policy, then becomes
 * a dead letter.
 */
export class Deliveries {
  readonly #store: SchedulerStore;
  readonly #parts: Parts;
  #closed = false;

  constructor(store: SchedulerStore, parts: Parts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** Continues with the deliveries that an earlier process has not completed. */
  start(): void {
    for (const delivery of this.#store.deliveries.all()) {
      this.#parts.clock.schedule(delivery.due, () => this.#try(delivery));
    }
  }

  close(): void {
    this.#closed = true;
  }

  deliver(delivery: Delivery): void {
    const done = this.#parts.activity.begin();
    void this.#try(delivery).finally(done);
  }

  async #try(delivery: Delivery): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#hand(delivery);
    } catch (error) {
      if (!this.#closed) this.#failed(delivery, error);
    }
  }

  async #hand(delivery: Delivery): Promise<void> {
    const input = delivery.input.replaceAll("<aws.scheduler.attempt-number>", String(delivery.attempts + 1));
    if (delivery.target.startsWith("arn:aws:states:")) {
      await this.#parts.states("StartExecution", {
        stateMachineArn: delivery.target,
        name: delivery.id,
        input,
      });
      if (!this.#closed) this.#store.deliveries.remove(delivery.id);
      return;
    }
    if (!delivery.target.startsWith("arn:aws:lambda:")) {
      throw new AwsError(
        "ValidationException",
        `The local stack does not support this target: ${delivery.target}`,
      );
    }
    const functionName = this.#parts.lambda.resolve(delivery.target);
    inTransaction(this.#parts.database, () => {
      this.#parts.asynchronous.enqueue({ functionName, payload: input, source: "lambda" });
      this.#store.deliveries.remove(delivery.id);
    });
  }

  #failed(delivery: Delivery, error: unknown): void {
    const attempts = delivery.attempts + 1;
    const due = this.#parts.clock.now() + Math.min(1_000 * 2 ** delivery.attempts, MAX_BACKOFF_MS);
    if (attempts > delivery.mostRetries || due > delivery.expires) {
      const shown = error instanceof Error ? { name: error.name, message: error.message } : String(error);
      this.#parts.deadLetters.add({
        source: "scheduler",
        target: delivery.target,
        payload: delivery.input,
        error: shown,
        attempts,
      });
      this.#store.deliveries.remove(delivery.id);
      return;
    }
    const next = { ...delivery, attempts, due };
    this.#store.deliveries.save(next.id, next);
    this.#parts.clock.schedule(due, () => this.#try(next));
  }
}
