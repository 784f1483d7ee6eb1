/**
 * The outcome of one check. `unchecked` says that nothing is known, and why: a permission is missing, or what runs here has no such
 * service.
 */
export type Verdict = "ok" | "warning" | "problem" | "unchecked";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly found: string;
  /** What the deployer should do; absent if there is nothing to do. */
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
