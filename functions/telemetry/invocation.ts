import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import type { LogFields, Metrics } from "../../shared/domain/deps.ts";
import type { MetricKey } from "../../shared/model/metrics.ts";
import type { PublishMetrics } from "./publish-metrics.ts";

/** State of one invocation. The local stack runs several of them at a time in one process. */
interface Invocation {
  fields: LogFields;
  readonly recorded: Map<MetricKey, number[]>;
  /** Measured by the process's own clock. */
  readonly begun: number;
}
const current = new AsyncLocalStorage<Invocation>();

/** Returns the fields of every log line of the current invocation. */
export const invocationFields = (): LogFields => current.getStore()?.fields ?? {};

/** Adds fields to every later log line of this invocation: its subject and its caller. Names only, never inputs or tokens. */
export const addLogFields = (fields: LogFields): void => {
  const invocation = current.getStore();
  if (invocation !== undefined) invocation.fields = { ...invocation.fields, ...fields };
};

/** Returns how long the invocation has taken so far, in whole milliseconds of real time. */
export const millisecondsSoFar = (): number | undefined => {
  const begun = current.getStore()?.begun;
  return begun === undefined ? undefined : Math.round(performance.now() - begun);
};

/** Records metrics for the current invocation. They are published together when it ends. */
export const metrics: Metrics = {
  count(metric, times = 1) {
    if (times === 0) return;
    const recorded = current.getStore()?.recorded;
    recorded?.set(metric, [(recorded.get(metric)?.[0] ?? 0) + times]);
  },
  measure(metric, value) {
    const recorded = current.getStore()?.recorded;
    recorded?.set(metric, [...(recorded.get(metric) ?? []), value]);
  },
};

type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/** Wraps a Lambda handler: its log lines carry the request's id, and its metrics are published when it ends, even if it fails. */
export const observed = <Event, Answer>(
  handler: Handler<Event, Answer>,
  publishMetrics: PublishMetrics,
): Handler<Event, Answer> => {
  let coldStart = true;
  return async (event, context) => {
    const recorded: Invocation["recorded"] = new Map();
    const fields = {
      function_name: context?.functionName,
      function_request_id: context?.awsRequestId,
      cold_start: coldStart,
    };
    coldStart = false;
    try {
      return await current.run({ fields, recorded, begun: performance.now() }, () => handler(event, context));
    } finally {
      if (recorded.size > 0) publishMetrics(recorded);
    }
  };
};
