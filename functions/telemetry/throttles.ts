import type { CountKey } from "../../shared/model/metrics.ts";
import { metrics } from "./invocation.ts";

/** Refusals of AWS services that pass by themselves when less is asked of them, by error name. */
const THROTTLED = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "LimitExceededException",
]);
/** The same as a transaction's reason for one of its items. */
const THROTTLED_ITEM = new Set(["ThrottlingError", "ProvisionedThroughputExceeded"]);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** By the error's name or its code. */
export const isThrottling = (error: unknown): boolean =>
  THROTTLED.has(String(field(error, "name"))) || THROTTLED.has(String(field(error, "code")));

const isThrottledItem = (error: unknown): boolean => {
  const reasons = field(error, "CancellationReasons");
  return (
    Array.isArray(reasons) && reasons.some((reason) => THROTTLED_ITEM.has(String(field(reason, "Code"))))
  );
};

type Handler = (args: never) => Promise<unknown>;
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler) => Handler,
      options: { step: "finalizeRequest"; priority: "low"; name: string },
    ): void;
  };
}

/** Counts what the service throttles: inside of the SDK's retries, since a retry that works hides how near the limit is. */
export const countingThrottles = <C extends { readonly middlewareStack: object }>(
  client: C,
  metric: CountKey,
): C => {
  (client as unknown as Client).middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isThrottling(error) || isThrottledItem(error)) metrics.count(metric);
        throw error;
      }
    },
    { step: "finalizeRequest", priority: "low", name: "sluiceCountsThrottles" },
  );
  return client;
};
