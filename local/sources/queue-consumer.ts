import type { DatabaseSync } from "node:sqlite";
import type { Message, Queues } from "../integrations/queues.ts";
import type { DeadLetters } from "../lambda/dead-letters.ts";
import type { Activity, Clock, TimerHandle } from "../ports/clock.ts";
import type { LambdaInvoker, LambdaResponse } from "../ports/services.ts";
import { inTransaction } from "../storage/data-folder.ts";
import { JsonTable } from "../storage/json-table.ts";

export interface ConsumerParts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  readonly deadLetters: DeadLetters;
  readonly queues: Queues;
  /** The alias that takes messages in. */
  readonly intake: string;
}

/** A queue whose messages go to a flow. */
export interface ConsumedQueue {
  readonly queue: string;
  readonly flowId: string;
  /** After so many deliveries, a message becomes a dead letter. */
  readonly maxReceiveCount: number;
}

/** A message that failed and comes again. */
interface Failed {
  readonly seq: number;
  readonly receives: number;
  /** Epoch milliseconds. */
  readonly due: number;
}
/** The state of a queue's consumption. */
interface Progress {
  /** The number of the newest message that was delivered. */
  readonly after: number;
  readonly failed: readonly Failed[];
}
interface Delivery {
  readonly message: Message & { readonly seq: number };
  readonly receives: number;
}

/** The largest batch of the pipe that `FlowTrigger.queue` creates. */
const BATCH = 10;
/** The default visibility timeout of a queue. */
const AGAIN_MS = 30_000;

/**
 * Delivers the messages of a user's queue to the intake, in batches, as the pipe of `FlowTrigger.queue` does on AWS. How far it has come is
 * written after the answer, so a process that dies in between delivers the batch again.
 */
export class QueueConsumer {
  readonly #parts: ConsumerParts;
  readonly #progress: JsonTable<Progress>;
  readonly #of: ConsumedQueue;
  #working: Promise<void> = Promise.resolve();
  #timer: TimerHandle | undefined;
  #isClosed = false;

  constructor(parts: ConsumerParts, of: ConsumedQueue) {
    this.#parts = parts;
    this.#of = of;
    this.#progress = new JsonTable(parts.database, "consumed_queue", "queue");
  }

  /** Delivers everything that is due. Concurrent calls wait for each other. */
  wake(): void {
    const done = this.#parts.activity.begin();
    this.#working = this.#working.then(() => this.#deliverAll()).finally(done);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#working;
  }

  async #deliverAll(): Promise<void> {
    while (!this.#isClosed) {
      const progress = this.#progress.get(this.#of.queue) ?? { after: 0, failed: [] };
      const batch = this.#batch(progress);
      if (batch.length === 0) return this.#comeAgain(progress);
      await this.#deliver(progress, batch);
    }
  }

  #batch({ after, failed }: Progress): readonly Delivery[] {
    const { queues, clock } = this.#parts;
    const again = failed
      .filter(({ due }) => due <= clock.now())
      .slice(0, BATCH)
      .flatMap(({ seq, receives }) =>
        queues.list(seq - 1, undefined, 1).map((message) => ({ message, receives })),
      );
    const fresh = queues.list(after, this.#of.queue).slice(0, BATCH - again.length);
    return [...again, ...fresh.map((message) => ({ message, receives: 0 }))];
  }

  #comeAgain({ failed }: Progress): void {
    const [first] = failed.map(({ due }) => due).sort((one, other) => one - other);
    this.#timer?.cancel();
    this.#timer = first === undefined ? undefined : this.#parts.clock.schedule(first, () => this.#woken());
  }

  #woken(): Promise<void> {
    this.wake();
    return this.#working;
  }

  async #deliver(progress: Progress, batch: readonly Delivery[]): Promise<void> {
    const { lambda, intake, database, deadLetters, clock } = this.#parts;
    const { queue, flowId, maxReceiveCount } = this.#of;
    const payload = JSON.stringify(
      batch.map(({ message }) => ({ flowId, messageId: message.id, body: message.body })),
    );
    const reasonOf = reasons(await lambda.invoke({ functionName: intake, payload }));
    if (this.#isClosed) return;
    inTransaction(database, () => {
      const failed = progress.failed.filter(({ seq }) => !batch.some(({ message }) => message.seq === seq));
      for (const { message, receives } of batch) {
        const reason = reasonOf(message.id);
        if (reason === undefined) continue;
        if (receives + 1 < maxReceiveCount)
          failed.push({ seq: message.seq, receives: receives + 1, due: clock.now() + AGAIN_MS });
        else
          deadLetters.add({
            ...{ source: "sqs", target: queue, payload: message.body, attempts: receives + 1 },
            error: { messageId: message.id, reason },
          });
      }
      const after = Math.max(progress.after, ...batch.map(({ message }) => message.seq));
      this.#progress.save(queue, { after, failed });
    });
  }
}

/** Returns why a message failed; undefined for one that was taken in. If the function failed, every message did. */
const reasons = (response: LambdaResponse): ((messageId: string) => string | undefined) => {
  if (response.ok === "service-error") return () => `${response.name}: ${response.message}`;
  if (response.ok === false) return () => response.errorType;
  const { batchItemFailures = [] } = JSON.parse(response.payload) as {
    batchItemFailures?: readonly { itemIdentifier: string; reason: string }[];
  };
  const failures = new Map(batchItemFailures.map(({ itemIdentifier, reason }) => [itemIdentifier, reason]));
  return (messageId) => failures.get(messageId);
};
