/** Resource server of scopes that name workspaces: a token with the scope `workspaces/acme` belongs to the workspace `acme`. */
export const WORKSPACE_SCOPES = "workspaces";

/** The claim with a token's scopes. As the setting for the claim of workspaces, it selects the scopes above. */
export const SCOPE_CLAIM = "scope";
