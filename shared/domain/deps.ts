import type { IdSource } from "../model/ids.ts";
import type { CountKey, MeasureKey } from "../model/metrics.ts";
import type { Clock } from "../model/time/clock.ts";
import type { Drains } from "../outbound/drains.ts";
import type { Executions } from "../outbound/executions.ts";
import type { Schedules } from "../outbound/schedules.ts";
import type { CounterStore } from "../store/flows/counters.ts";
import type { FlowItem } from "../store/flows/flow-item.ts";
import type { FlowStore } from "../store/flows/flows.ts";
import type { HoldStore } from "../store/flows/holds.ts";
import type { QueueStore } from "../store/flows/queues.ts";
import type { ParkStore } from "../store/runs/parks.ts";
import type { RunStore } from "../store/runs/runs.ts";
import type { StepStore } from "../store/runs/steps.ts";

/** What the use cases about runs work with. */
export interface RunDependencies {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly runs: RunStore;
  readonly steps: StepStore;
  readonly parks: ParkStore;
  readonly holds: HoldStore;
  readonly queues: QueueStore;
  readonly counters: CounterStore;
  readonly executions: Executions;
  /** `arn:aws:states:<region>:<account>`. */
  readonly statesArnPrefix: string;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Lines about a run; never payloads, tokens or causes. */
export interface Log {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | Error | undefined>>;

/** Numbers about the work, beside the log: of no workspace, flow or run in particular. */
export interface Metrics {
  /** Something happened, so many times; zero is not recorded. */
  count(metric: CountKey, times?: number): void;
  /** In the metric's own unit. */
  measure(metric: MeasureKey, value: number): void;
}

/** What every line about a run says. */
export const about = (run: { workspace: string; flowId: string; runId: string }): LogFields => ({
  workspace: run.workspace,
  flow: run.flowId,
  run: run.runId,
});

/** What adds a hold. */
export interface HoldTools {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly flows: FlowStore;
  readonly schedules: Schedules;
}

/** What lifts one: the last that goes begins a drain. */
export interface LiftTools extends HoldTools {
  readonly drains: Drains;
}

export interface ResumeTools extends LiftTools {
  /** What the flow has spent in the period of its cap. */
  spent(flow: FlowItem): Promise<number>;
}
