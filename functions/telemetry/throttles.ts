import { isThrottledCall } from "../../shared/aws/aws-errors.ts";
import type { CountKey } from "../../shared/model/metrics.ts";
import { metrics } from "./invocation.ts";

type Handler = (args: never) => Promise<unknown>;
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler) => Handler,
      options: { step: "finalizeRequest"; priority: "low"; name: string },
    ): void;
  };
}

/** Counts every throttled call, including each retry of the SDK: a retry that succeeds hides how close the limit is. */
export const countingThrottles = <C extends { readonly middlewareStack: object }>(
  client: C,
  metric: CountKey,
): C => {
  (client as unknown as Client).middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isThrottledCall(error)) metrics.count(metric);
        throw error;
      }
    },
    { step: "finalizeRequest", priority: "low", name: "sluiceCountsThrottles" },
  );
  return client;
};
