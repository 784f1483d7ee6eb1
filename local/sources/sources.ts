import * as z from "zod";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { EVENT_SOURCE } from "../../shared/outbound/ports.ts";
import type { LocalEventBus } from "../events/bus.ts";
import { queueName } from "../integrations/queues.ts";
import type { AsyncInvocations } from "../lambda/async-invocations.ts";
import { BucketWatcher, type WatcherParts } from "./bucket-watcher.ts";
import { patternTest } from "./event-pattern.ts";
import { type ConsumerParts, QueueConsumer } from "./queue-consumer.ts";

/** The file `<flowId>.triggers.json`: what sends records to the flow, as `FlowTrigger` does on AWS. */
const declared = z.strictObject({
  rules: z.array(z.strictObject({ eventPattern: z.record(z.string(), z.json()) })).default([]),
  queues: z
    .array(
      z.strictObject({ queue: z.string().min(1), maxReceiveCount: z.int().min(1).max(1_000).default(3) }),
    )
    .default([]),
  buckets: z.array(z.strictObject({ bucket: z.string().regex(/^[\w-][\w.-]*$/) })).default([]),
});

interface Rule {
  readonly matches: (event: JsonObject) => boolean;
}
interface Declared {
  readonly rules: readonly Rule[];
  readonly consumers: readonly QueueConsumer[];
  readonly watchers: readonly BucketWatcher[];
}

export interface SourceParts extends ConsumerParts, Omit<WatcherParts, "emit"> {
  readonly asynchronous: Pick<AsyncInvocations, "enqueue">;
  readonly bus: LocalEventBus;
}

/** The events, queues and buckets that send records to flows. */
export class Sources {
  readonly #parts: SourceParts;
  readonly #byFlow = new Map<string, Declared>();
  /** The flow that consumes each queue. */
  readonly #queues = new Map<string, { readonly flowId: string; readonly consumer: QueueConsumer }>();

  constructor(parts: SourceParts) {
    this.#parts = parts;
    parts.bus.onEvent((event) => this.#route(event));
    parts.queues.onMessage((queue) => this.#queues.get(queue)?.consumer.wake());
  }

  /** Replaces the flow's sources. Throws an error that says what is wrong, and then the earlier ones stay. */
  async declare(flowId: string, declaration: unknown): Promise<void> {
    const { rules, queues, buckets } = declared.parse(declaration);
    const patterns = [
      ...rules.map(({ eventPattern }) => eventPattern as JsonObject),
      ...buckets.map(ofBucket),
    ];
    const tests = patterns.map((eventPattern) => {
      refuseLoop(eventPattern);
      return { matches: patternTest(eventPattern) };
    });
    for (const { queue } of queues) {
      const other = this.#queues.get(queueName(queue))?.flowId ?? flowId;
      if (other !== flowId)
        throw new Error(`The queue ${queue} sends its messages to the flow ${other} already`);
    }
    await this.#withdraw(flowId);
    const consumers = queues.map(({ queue, maxReceiveCount }) => {
      const name = queueName(queue);
      const consumer = new QueueConsumer(this.#parts, { queue: name, flowId, maxReceiveCount });
      this.#queues.set(name, { flowId, consumer });
      return consumer;
    });
    const emit: WatcherParts["emit"] = (event) => this.#parts.bus.emit(event);
    this.#byFlow.set(flowId, { rules: tests, consumers, watchers: [] });
    const watchers = buckets.map(({ bucket }) => new BucketWatcher({ ...this.#parts, emit }, bucket));
    this.#byFlow.set(flowId, { rules: tests, consumers, watchers });
    for (const consumer of consumers) consumer.wake();
  }

  /** The flow that takes the queue's messages. */
  consumerOf(queue: string): string | undefined {
    return this.#queues.get(queue)?.flowId;
  }

  async close(): Promise<void> {
    for (const flowId of this.#byFlow.keys()) await this.#withdraw(flowId);
  }

  async #withdraw(flowId: string): Promise<void> {
    const { consumers = [], watchers = [] } = this.#byFlow.get(flowId) ?? {};
    this.#byFlow.delete(flowId);
    for (const [queue, { flowId: owner }] of this.#queues) if (owner === flowId) this.#queues.delete(queue);
    for (const watcher of watchers) watcher.close();
    await Promise.all(consumers.map((consumer) => consumer.close()));
  }

  /** Within the transaction that stores the event. */
  #route(event: object): void {
    for (const [flowId, { rules }] of this.#byFlow) {
      if (!rules.some(({ matches }) => matches(event as JsonObject))) continue;
      this.#parts.asynchronous.enqueue({
        functionName: this.#parts.intake,
        payload: JSON.stringify({ flowId, event }),
        source: "events",
      });
    }
  }
}

const ofBucket = ({ bucket }: { readonly bucket: string }): JsonObject => ({
  ...{ source: ["aws.s3"], "detail-type": ["Object Created"] },
  detail: { bucket: { name: [bucket] } },
});

const refuseLoop = ({ source }: JsonObject): void => {
  const sources: readonly Json[] = Array.isArray(source) ? source : [];
  if (sources.includes(EVENT_SOURCE))
    throw new Error(
      "The pattern matches events of Sluice itself, and the runs that they start would cause more. Use other events.",
    );
};
