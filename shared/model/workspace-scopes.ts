/** Resource server whose scopes name workspaces: a token with the scope `workspaces/acme` belongs to the workspace `acme`. */
export const WORKSPACE_SCOPES = "workspaces";

/** The claim that carries a token's scopes; as the name of the claim of workspaces it stands for the scopes above. */
export const SCOPE_CLAIM = "scope";
