import type { EndDependencies } from "../../shared/domain/deps.ts";
import { errorCap } from "../../shared/domain/holds/error-cap.ts";
import { concurrencyLimits } from "../../shared/domain/slots/concurrency-limits.ts";

/**
 * Adds the counter of failures and the limits of runs, for a function that may end runs and therefore has the grants to hold a flow and to
 * start the runs that wait for a slot.
 */
export const withErrorCap = <Given extends Parameters<typeof errorCap>[0]>(
  deps: Given,
): Given & Pick<EndDependencies, "ends" | "limits"> => ({
  ...deps,
  ends: errorCap(deps),
  limits: concurrencyLimits,
});

/** Dependencies of such a function. */
export type Ending<Given> = Given & Pick<EndDependencies, "ends" | "limits">;
