import { type MetricKey, metricName } from "../../shared/model/metrics.ts";

interface Measurement {
  /** Number of values. */
  readonly times: number;
  readonly sum: number;
  readonly largest: number;
}

/** The measurements of Sluice's functions on this stack, from which CloudWatch would make metrics. */
export class Measurements {
  readonly #measured = new Map<string, Measurement>();

  add(measured: ReadonlyMap<MetricKey, readonly number[]>): void {
    for (const [key, values] of measured) {
      for (const value of values) {
        const { times, sum, largest } = this.#measured.get(metricName(key)) ?? NONE;
        this.#measured.set(metricName(key), {
          times: times + 1,
          sum: sum + value,
          largest: Math.max(largest, value),
        });
      }
    }
  }

  /** By the metric's name. */
  report(): Readonly<Record<string, Measurement>> {
    return Object.fromEntries([...this.#measured].sort());
  }

  reset(): void {
    this.#measured.clear();
  }
}

const NONE: Measurement = { times: 0, sum: 0, largest: Number.NEGATIVE_INFINITY };
