/**
 * The outcome of one check. `unchecked` means that the outcome is unknown, with the reason: a permission is missing, or the local stack does
 * not have the service.
 */
export type Verdict = "ok" | "warning" | "problem" | "unchecked";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** The result for people, in one sentence. */
  readonly found: string;
  /** An action for the deployer; absent if there is nothing to do. */
  readonly todo?: string;
}

/** A finding whose check is not named yet. */
export type Found = Omit<Finding, "check">;

export const ok = (found: string): Found => ({ verdict: "ok", found });
export const warning = (found: string, todo: string): Found => ({ verdict: "warning", found, todo });
export const problem = (found: string, todo: string): Found => ({ verdict: "problem", found, todo });
export const unchecked = (why: string, todo?: string): Found => ({
  verdict: "unchecked",
  found: `Not checked here: ${why}`,
  ...(todo === undefined ? {} : { todo }),
});
