import { digest } from "../../../model/ids.ts";
import { iso } from "../../../model/time/clock.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { type Failure, shortError } from "../../steps/failure.ts";
import { causePattern } from "./cause-pattern.ts";

/**
 * Returns the id of the group of failures that have the same cause: equal for the same flow, state, error name and pattern of the cause. It
 * begins with the flow's id, so that the groups of a flow are neighbors in the index.
 */
export const failureIdOf = (flowId: string, { error, cause, state }: Failure): string =>
  `${flowId}.${digest("failure", flowId, state, error, causePattern(cause))}`;

/** Returns the group of a run that fails. `failure` has its whole cause. `now`: epoch milliseconds. */
export const groupOf = (
  { flowId }: Pick<RunItem, "flowId">,
  failure: Failure,
  now: number,
): NonNullable<RunItem["failure"]> => ({ id: failureIdOf(flowId, failure), at: iso(now) });

/** Returns the attributes of a run that becomes failed: its error, shortened, and the group of the whole failure. */
export const failed = (
  run: Pick<RunItem, "flowId">,
  failure: Failure,
  now: number,
): Required<Pick<RunItem, "error" | "failure">> => ({
  error: shortError(failure),
  failure: groupOf(run, failure, now),
});

/** Returns the group of a run whose failure turned out to be another, at the same time. Runs without a group stay without one. */
export const regrouped = (
  { flowId, failure: known }: Pick<RunItem, "flowId" | "failure">,
  failure: Failure,
): Pick<RunItem, "failure"> =>
  known === undefined ? {} : { failure: { ...known, id: failureIdOf(flowId, failure) } };
