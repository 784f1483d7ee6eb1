import type { GateEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { AccessDependencies } from "../deps.ts";

/** Returns the permissions that are missing, without duplicates. */
export const missingOf = (requires: readonly string[], has: readonly string[]): string[] => [
  ...new Set(requires.filter((permission) => !has.includes(permission))),
];

/**
 * Returns the current permissions of the run's user, and those that an administrator vouched for. A machine client has no
 * permissions.
 */
export const permissionsNow = async (
  deps: AccessDependencies,
  { workspace, startedBy: { kind, id }, vouched = [] }: RunItem,
): Promise<readonly string[]> => [
  ...(kind === "user" ? await deps.permissionsOf(workspace, id) : []),
  ...vouched,
];

/** Returns the permissions that the run's user had at its dispatch, if the workspace lets a resumed run use them. */
export const sameAccess = async (
  deps: AccessDependencies,
  { workspace, runId }: RunItem,
): Promise<readonly string[]> =>
  (await deps.settings.read(workspace)).resumeWithSameAccess
    ? deps.runs.permissionsAtStart(workspace, runId)
    : [];

/**
 * Whether the run has been paused or queued: resumed by a user, released by its flow or about to be released by this gate, or
 * started from its flow's queue. For any other run, its user's current permissions count, so that a permission that is lost
 * during the run is lost.
 */
const hasBeenPaused = ({ resumed, queuedAtDispatch, status }: RunItem): boolean =>
  resumed === true || queuedAtDispatch === true || status === "paused";

/**
 * Describes the permissions that the running user lacks for a step; undefined if none is missing. Only flows that run as the
 * user who started them are checked. The workspace's settings are read only if a permission is missing.
 */
export const accessDenial = async (
  deps: AccessDependencies,
  event: Pick<GateEvent, "state" | "requires">,
  run: RunItem | undefined,
): Promise<string | undefined> => {
  const { requires = [], state } = event;
  if (requires.length === 0 || run?.runAs !== "user" || run.deleted === true) return undefined;
  let missing = missingOf(requires, await permissionsNow(deps, run));
  if (missing.length > 0 && hasBeenPaused(run)) missing = missingOf(missing, await sameAccess(deps, run));
  if (missing.length === 0) return undefined;
  const { kind, id } = run.startedBy;
  return `${kind} ${id} may not run the step ${state}: missing ${missing.join(", ")}`;
};
