import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import type { LogFields, Metrics } from "../../shared/domain/deps.ts";
import type { MetricKey } from "../../shared/model/metrics.ts";
import { publishMeasured } from "./publish-measured.ts";

/** What one call of a function knows of itself; on the local stack several go on in one process. */
interface Invocation {
  fields: LogFields;
  readonly measured: Map<MetricKey, number[]>;
  /** By the process's own clock. */
  readonly begun: number;
}
const current = new AsyncLocalStorage<Invocation>();

/** What every line of the call's log says. */
export const invocationFields = (): LogFields => current.getStore()?.fields ?? {};

/** Adds to what every later line of this call says: what it is about, and who asked. Names only, never inputs or tokens. */
export const isAbout = (fields: LogFields): void => {
  const invocation = current.getStore();
  if (invocation !== undefined) invocation.fields = { ...invocation.fields, ...fields };
};

/** How long the call has taken by now, whole milliseconds of the real clock. */
export const millisecondsSoFar = (): number | undefined => {
  const begun = current.getStore()?.begun;
  return begun === undefined ? undefined : Math.round(performance.now() - begun);
};

/** Collected for the call, and told at its end: one line, or none where there is nothing to say. */
export const metrics: Metrics = {
  count(metric, times = 1) {
    if (times === 0) return;
    const sums = current.getStore()?.measured;
    sums?.set(metric, [(sums.get(metric)?.[0] ?? 0) + times]);
  },
  measure(metric, value) {
    const measured = current.getStore()?.measured;
    measured?.set(metric, [...(measured.get(metric) ?? []), value]);
  },
};

type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/** A Lambda handler whose log lines carry its request, and whose metrics are told when it ends, however it ends. */
export const observed = <Event, Answer>(handler: Handler<Event, Answer>): Handler<Event, Answer> => {
  let coldStart = true;
  return async (event, context) => {
    const measured: Invocation["measured"] = new Map();
    const fields = {
      function_name: context?.functionName,
      function_request_id: context?.awsRequestId,
      cold_start: coldStart,
    };
    coldStart = false;
    try {
      return await current.run({ fields, measured, begun: performance.now() }, () => handler(event, context));
    } finally {
      if (measured.size > 0) publishMeasured(measured);
    }
  };
};
