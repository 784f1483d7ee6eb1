import type { Json, JsonObject } from "../../model/json/json.ts";
import type { RunItem } from "../../store/runs/run-item.ts";

/** A request to continue a paused run at another state, on another version or with other data. */
export interface MoveRequest {
  /** A top-level state; by default the one at which the run stopped. */
  readonly at?: string | undefined;
  readonly input?: Json | undefined;
  readonly variables?: JsonObject | undefined;
  /** By default the run's own. */
  readonly version?: "same" | "latest" | number | undefined;
  /** Skips the step at which the run stopped. The run continues with this output. */
  readonly output?: Json | undefined;
  /** Whoever waits for the run's execution may see it stopped. */
  readonly detach?: boolean | undefined;
}

/** Whether the request sends the run elsewhere than a plain resume does. */
export const isMove = ({ at, input, variables, version, output }: MoveRequest): boolean =>
  [at, input, variables, version, output].some((field) => field !== undefined);

/** Whether the request asks for no more than what a queued record gets by itself. */
export const startsOnLatest = (
  record: Pick<RunItem, "queuedAt" | "dispatchedVersion">,
  move: MoveRequest,
): boolean =>
  record.queuedAt !== undefined &&
  record.dispatchedVersion !== undefined &&
  move.version === "latest" &&
  !isMove({ ...move, version: undefined });
