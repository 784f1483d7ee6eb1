import type { GateEvent } from "../model/task-events.ts";
import type { RunRecord } from "../store/records.ts";

/** What a member of a workspace may do; none for somebody who is no member. */
export interface Permissions {
  permissionsOf(workspace: string, userId: string): Promise<readonly string[]>;
}

/**
 * What the running user lacks for a step, in words; undefined where nothing is missing. Only flows that run as the user
 * who started them ask. A machine client is no user and has no permissions.
 */
export const accessDenial = async (
  engine: Permissions,
  event: Pick<GateEvent, "workspace" | "state" | "requires">,
  run: RunRecord | undefined,
): Promise<string | undefined> => {
  const { requires = [], workspace, state } = event;
  if (requires.length === 0 || run?.runAs !== "user" || run.deleted === true) return undefined;
  const { kind, id } = run.startedBy;
  const has = kind === "user" ? await engine.permissionsOf(workspace, id) : [];
  const missing = requires.filter((permission) => !has.includes(permission));
  if (missing.length === 0) return undefined;
  return `${kind} ${id} may not run the step ${state}: missing ${missing.join(", ")}`;
};
