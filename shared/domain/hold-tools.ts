import type { Clock } from "../model/clock.ts";
import type { IdSource } from "../model/ids.ts";
import type { Drains } from "../outbound/drains.ts";
import type { Schedules } from "../outbound/schedules.ts";
import type { FlowStore } from "../store/flows.ts";
import type { FlowRecord } from "../store/records.ts";
import type { Log } from "./engine.ts";
import type { Metrics } from "./metrics.ts";

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
  spent(flow: FlowRecord): Promise<number>;
}
