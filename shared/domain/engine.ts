import type { Clock } from "../model/clock.ts";
import type { IdSource } from "../model/ids.ts";
import type { Executions } from "../outbound/executions.ts";
import type { CounterStore } from "../store/counters.ts";
import type { HoldStore } from "../store/holds.ts";
import type { ParkStore } from "../store/parks.ts";
import type { QueueStore } from "../store/queues.ts";
import type { RunStore } from "../store/runs.ts";
import type { StepStore } from "../store/steps.ts";
import type { Metrics } from "./metrics.ts";

/** What the use cases about runs work with. */
export interface Engine {
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

/** What every line about a run says. */
export const about = (run: { workspace: string; flowId: string; runId: string }): LogFields => ({
  workspace: run.workspace,
  flow: run.flowId,
  run: run.runId,
});
