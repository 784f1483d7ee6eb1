/** Each operation requires one permission; roles and scopes grant permissions. No other file lists them. */
export const ROLES = ["viewer", "operator", "admin", "member"] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = [
  "runs:dispatch",
  "runs:read",
  "runs:control",
  "flows:read",
  "flows:control",
  "flows:publish",
  "runs:repair",
] as const;
export type Scope = (typeof SCOPES)[number];

export type Permission =
  | "read-flows"
  | "publish"
  | "hold-flows"
  | "set-caps"
  | "read-runs"
  | "dispatch"
  | "control-runs"
  | "resume-runs"
  | "repair-runs"
  | "override-access"
  | "complete-steps"
  | "assign-steps"
  | "delete"
  | "read-settings"
  | "manage-settings"
  | "read-members"
  | "manage-members"
  | "keep-views"
  | "manage-workspaces";

/** `own` covers runs that the caller started, steps assigned to them, and their own membership. */
export type Grant = "all" | "own";
type Grants = Readonly<Partial<Record<Permission, Grant>>>;

const VIEWER: Grants = {
  "read-flows": "all",
  "read-runs": "all",
  "read-members": "all",
  "read-settings": "all",
  "keep-views": "all",
};
const OPERATOR: Grants = {
  ...VIEWER,
  dispatch: "all",
  "control-runs": "all",
  "resume-runs": "all",
  "complete-steps": "all",
  "hold-flows": "all",
};

const ROLE_GRANTS: Readonly<Record<Role, Grants>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: {
    ...OPERATOR,
    "repair-runs": "all",
    "override-access": "all",
    "assign-steps": "all",
    publish: "all",
    delete: "all",
    "set-caps": "all",
    "manage-members": "all",
    "manage-settings": "all",
  },
  member: {
    "read-runs": "own",
    dispatch: "all",
    "resume-runs": "own",
    "complete-steps": "own",
    "read-members": "own",
    "keep-views": "all",
  },
};

const SCOPE_GRANTS: Readonly<Record<Scope, Grants>> = {
  "runs:dispatch": { dispatch: "all" },
  "runs:read": { "read-runs": "all" },
  "runs:control": { "control-runs": "all", "resume-runs": "all", "complete-steps": "all" },
  "flows:read": { "read-flows": "all" },
  "flows:control": { "hold-flows": "all" },
  "flows:publish": { publish: "all" },
  "runs:repair": { "resume-runs": "all", "repair-runs": "all" },
};

export const roleGrant = (role: Role, permission: Permission): Grant | undefined =>
  ROLE_GRANTS[role][permission];

/** Scopes may have the prefix of their resource server, as `sluice/runs:read` does. Unknown scopes are ignored. */
export const scopeGrant = (scopes: readonly string[], permission: Permission): Grant | undefined => {
  const held = scopes.map((scope) => scope.replace(/^.*\//, ""));
  return SCOPES.filter((scope) => held.includes(scope))
    .map((scope) => SCOPE_GRANTS[scope][permission])
    .find((grant) => grant !== undefined);
};

/** Resource server of scopes that name workspaces: a token with the scope `workspaces/acme` belongs to the workspace `acme`. */
export const WORKSPACE_SCOPES = "workspaces";

/** The claim with a token's scopes. As the setting for the claim of workspaces, it selects the scopes above. */
export const SCOPE_CLAIM = "scope";
