import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type { ActivityCounter } from "../../clock/activity.ts";
import type { DeadLetters } from "../../lambda/dead-letters.ts";
import type { Clock, TimerHandle } from "../../ports/clock.ts";
import type { LambdaInvoker, LambdaResponse } from "../../ports/services.ts";
import { inTransaction } from "../../storage/data-folder.ts";
import type { StreamEntry } from "./table-stream.ts";

/** Real milliseconds for which records are collected, unless a caller is waiting for them. */
const WINDOW_MS = 250;
const MAX_BACKOFF_MS = 60_000;

interface Waiting extends StreamEntry {
  failures: number;
  due: number;
}

const answerSchema = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]),
});

interface Parts {
  readonly functionName: string;
  readonly batchSize: number;
  readonly retryAttempts: number;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly activity: ActivityCounter;
  readonly lambda: LambdaInvoker;
  readonly deadLetters: DeadLetters;
}

/**
 * Lambda's event source mapping: delivers records to their function in batches, at least once, in order for each item. A batch
 * that fails is halved at each retry, until its bad record is isolated; after its retries, that record becomes a dead letter.
 * In the meantime, only records of the same item wait.
 */
export class EventSource {
  readonly #parts: Parts;
  #waiting: Waiting[] = [];
  #window: NodeJS.Timeout | undefined;
  #retry: TimerHandle | undefined;
  #work: Promise<void> | undefined;
  #closed = true;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#parts.activity.atRest(() => this.#begin());
  }

  /** The record is already on disk and stays there until its function has processed it. */
  push(entry: StreamEntry): void {
    this.#waiting.push({ ...entry, failures: 0, due: 0 });
    if (this.#waiting.length >= this.#parts.batchSize) this.#begin();
    else this.#openWindow();
  }

  /** Until then, pushed records wait. */
  start(): void {
    this.#closed = false;
    this.#openWindow();
  }

  /** Resolves when everything that can be delivered now has been. */
  async flush(): Promise<void> {
    this.#begin();
    await this.#work;
  }

  /** The next process delivers again what is in progress. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#window);
    this.#retry?.cancel();
  }

  /** Returns false if there is nothing to deliver, or a delivery is in progress. */
  #begin(): boolean {
    if (this.#work !== undefined || this.#closed || this.#next().length === 0) return false;
    const done = this.#parts.activity.begin();
    this.#work = this.#bringAll().finally(() => {
      this.#work = undefined;
      this.#rest();
      done();
    });
    return true;
  }

  async #bringAll(): Promise<void> {
    for (let batch = this.#next(); batch.length > 0 && !this.#closed; batch = this.#next()) {
      const payload = `{"Records":[${batch.map(({ text }) => text).join(",")}]}`;
      const response = await this.#parts.lambda.invoke({ functionName: this.#parts.functionName, payload });
      if (!this.#closed) this.#taken(batch, response);
    }
  }

  /** The next batch: records with the same number of failures, each after the earlier records of its item. */
  #next(): Waiting[] {
    const now = this.#parts.clock.now();
    const blocked = new Set<string>();
    const batch: Waiting[] = [];
    let most = this.#parts.batchSize;
    for (const entry of this.#waiting) {
      if (batch.length >= most) break;
      const [first] = batch;
      const fits = entry.due <= now && (first === undefined || first.failures === entry.failures);
      if (!fits || blocked.has(entry.lane)) {
        blocked.add(entry.lane);
        continue;
      }
      if (first === undefined) most = Math.max(1, this.#parts.batchSize >> entry.failures);
      batch.push(entry);
    }
    return batch;
  }

  #taken(batch: readonly Waiting[], response: LambdaResponse): void {
    const bad = firstFailure(batch, response);
    const done = bad === undefined ? batch : batch.slice(0, bad.at);
    const failed = bad === undefined ? [] : batch.slice(bad.at, bad.at + bad.count);
    const now = this.#parts.clock.now();
    const given = failed.filter((entry) => entry.failures >= this.#parts.retryAttempts);
    for (const entry of failed) {
      entry.failures += 1;
      entry.due = now + Math.min(1_000 * 2 ** (entry.failures - 1), MAX_BACKOFF_MS);
    }
    inTransaction(this.#parts.database, () => {
      const drop = this.#parts.database.prepare("DELETE FROM stream_write WHERE id = ?");
      for (const { id } of [...done, ...given]) drop.run(id);
      for (const entry of given) this.#giveUp(entry, response);
    });
    const gone = new Set<Waiting>([...done, ...given]);
    this.#waiting = this.#waiting.filter((entry) => !gone.has(entry));
  }

  #giveUp({ text, sequenceNumber, failures }: Waiting, response: LambdaResponse): void {
    const { dynamodb } = JSON.parse(text) as { dynamodb: { Keys: unknown } };
    this.#parts.deadLetters.add({
      source: "stream",
      target: this.#parts.functionName,
      // As on AWS, the record's position, not its content.
      payload: JSON.stringify({ keys: dynamodb.Keys, startSequenceNumber: sequenceNumber }),
      error: response.ok === true ? { name: "batchItemFailures" } : errorOf(response),
      attempts: failures,
    });
  }

  /** Sets a timer for retries and opens the window for records that have arrived in the meantime. */
  #rest(): void {
    this.#retry?.cancel();
    if (this.#closed || this.#waiting.length === 0) return;
    const now = this.#parts.clock.now();
    const due = Math.min(...this.#waiting.map((entry) => entry.due));
    const later = this.#waiting.filter((entry) => entry.due > now).map((entry) => entry.due);
    if (later.length > 0) this.#retry = this.#parts.clock.schedule(Math.min(...later), () => this.flush());
    if (due <= now) this.#openWindow();
  }

  #openWindow(): void {
    this.#window ??= setTimeout(() => {
      this.#window = undefined;
      this.#begin();
    }, WINDOW_MS).unref();
  }
}

/** Returns the failed records of a batch: those from the one that the function reports, or otherwise all. */
function firstFailure(
  batch: readonly StreamEntry[],
  response: LambdaResponse,
): { at: number; count: number } | undefined {
  if (response.ok !== true) return { at: 0, count: batch.length };
  const answer = answerSchema.safeParse(JSON.parse(response.payload) ?? {});
  if (!answer.success) return { at: 0, count: batch.length };
  const named = answer.data.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  if (named.length === 0) return undefined;
  const at = batch.findIndex(({ sequenceNumber }) => named.includes(sequenceNumber));
  return at === -1 ? { at: 0, count: batch.length } : { at, count: 1 };
}

const errorOf = (response: Exclude<LambdaResponse, { ok: true }>): unknown =>
  response.ok === false ? JSON.parse(response.payload) : { name: response.name, message: response.message };
