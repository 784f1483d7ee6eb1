import type { Member } from "../../shared/model/schemas/member.ts";
import { EXIT } from "../exit-codes.ts";
import { Refusal } from "../failure.ts";
import type { Api } from "../http/api.ts";
import { path } from "../http/path.ts";
import { claimsOf } from "../session/token-claims.ts";

export interface Account {
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly role?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/**
 * Who a token is for, and their role as the service knows it. A user who is no member has none; a machine client has scopes instead.
 * @throws Refusal 401 where the service does not accept the token
 */
export const accountOf = async (api: Api, token: string): Promise<Account> => {
  const { sub, client_id: client, scope } = claimsOf(token);
  // An access token of a machine is for the client itself; a user's has the user for its subject.
  const isClient = client !== undefined && (sub === undefined || sub === client);
  const member = await api
    .get<Member>(path`/members/${sub ?? client ?? "me"}`)
    .catch((error: unknown): undefined => {
      const mayNotSee: readonly unknown[] = [EXIT.forbidden, EXIT.notFound];
      if (error instanceof Refusal && mayNotSee.includes(error.exitCode)) return undefined;
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
