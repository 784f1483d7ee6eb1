import type { CountKey, MeasureKey } from "../model/metrics.ts";

/** What the use cases tell of their work, beside the log: numbers only, of no workspace, flow or run in particular. */
export interface Metrics {
  /** Something happened, so many times; zero is not told. */
  count(metric: CountKey, times?: number): void;
  /** In the metric's own unit. */
  measure(metric: MeasureKey, value: number): void;
}
