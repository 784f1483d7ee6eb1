import { ApiError } from "../../shared/client/api-error.ts";
import type { Client } from "../../shared/client/operations.ts";
import { claimsOf } from "../session/tokens.ts";

export interface Account {
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly role?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/**
 * The subject of a token, with their role according to the service. A user who is not a member has none; a machine
 * client has scopes instead.
 * @throws ApiError 401 if the service rejects the token
 */
export const accountOf = async (api: Client, token: string): Promise<Account> => {
  const { sub, client_id: client, scope } = claimsOf(token);
  // A machine's access token has the client itself as its subject; a user's has the user.
  const isClient = client !== undefined && (sub === undefined || sub === client);
  const member = await api.getMember({ userId: sub ?? client ?? "me" }).catch((error: unknown): undefined => {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  });
  return {
    user: isClient ? undefined : sub,
    client: isClient ? client : undefined,
    role: member?.role,
    permissions: member?.permissions,
    scopes: isClient ? scope?.split(" ") : undefined,
  };
};
