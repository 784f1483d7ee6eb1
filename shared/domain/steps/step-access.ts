import type { GateEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { AccessDependencies } from "../deps.ts";

/** What is not among them, each once. */
export const missingOf = (requires: readonly string[], has: readonly string[]): string[] => [
  ...new Set(requires.filter((permission) => !has.includes(permission))),
];

/** What the run's user has now, and what an administrator vouched for. A machine client is no user and has no permissions. */
export const permissionsNow = async (
  deps: AccessDependencies,
  { workspace, startedBy: { kind, id }, vouched = [] }: RunItem,
): Promise<readonly string[]> => [
  ...(kind === "user" ? await deps.permissionsOf(workspace, id) : []),
  ...vouched,
];

/** What the run's user had when it was dispatched, as far as the workspace lets a resumed run use it. */
export const sameAccess = async (
  deps: AccessDependencies,
  { workspace, runId }: RunItem,
): Promise<readonly string[]> =>
  (await deps.settings.read(workspace)).resumeWithSameAccess
    ? deps.runs.permissionsAtStart(workspace, runId)
    : [];

/**
 * Whether the run has stood still: resumed by a user, released by its flow or about to be by this very gate, or taken from its
 * flow's queue. One that never has is judged by what its user may do now, so that a permission lost while running is lost.
 */
const hasStood = ({ resumed, queuedAtDispatch, status }: RunItem): boolean =>
  resumed === true || queuedAtDispatch === true || status === "paused";

/**
 * What the running user lacks for a step, in words; undefined where nothing is missing. Only flows that run as the user
 * who started them ask. The workspace's setting is read only where something is missing.
 */
export const accessDenial = async (
  deps: AccessDependencies,
  event: Pick<GateEvent, "state" | "requires">,
  run: RunItem | undefined,
): Promise<string | undefined> => {
  const { requires = [], state } = event;
  if (requires.length === 0 || run?.runAs !== "user" || run.deleted === true) return undefined;
  let missing = missingOf(requires, await permissionsNow(deps, run));
  if (missing.length > 0 && hasStood(run)) missing = missingOf(missing, await sameAccess(deps, run));
  if (missing.length === 0) return undefined;
  const { kind, id } = run.startedBy;
  return `${kind} ${id} may not run the step ${state}: missing ${missing.join(", ")}`;
};
