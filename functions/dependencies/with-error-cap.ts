import type { EndDependencies } from "../../shared/domain/deps.ts";
import { errorCap } from "../../shared/domain/holds/error-cap.ts";

/** Adds the counter of failures, for a function that may end runs and therefore has the grants to hold a flow. */
export const withErrorCap = <Given extends Parameters<typeof errorCap>[0]>(
  deps: Given,
): Given & Pick<EndDependencies, "ends"> => ({ ...deps, ends: errorCap(deps) });

/** Dependencies of such a function. */
export type Ending<Given> = Given & Pick<EndDependencies, "ends">;
