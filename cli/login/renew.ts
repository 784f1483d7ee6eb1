import type { Profile, Profiles, Renewal } from "../session/profiles.ts";
import { localToken } from "./local-token.ts";
import { OAuthRefusal, postForm, type Tokens, tokensIn } from "./token-request.ts";

/** Name of the variable with a confidential client's secret, which is never kept. */
export const CLIENT_SECRET = "SLUICE_CLIENT_SECRET";

/**
 * The profile with a new access token, kept; undefined where a person has to sign in again.
 * Another process may have used up a refresh token that works once: then its result stands in the file and is taken.
 */
export const renewed = async (
  name: string,
  profile: Profile,
  env: NodeJS.ProcessEnv,
  profiles: Profiles,
): Promise<Profile | undefined> => {
  try {
    const tokens = await newTokens(profile, env);
    if (tokens === undefined) return undefined;
    const next = {
      ...profile,
      ...tokens.access,
      renewal: { ...profile.renewal, ...tokens.renewal } as Renewal,
    };
    profiles.write(name, next);
    return next;
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    const kept = profiles.read(name);
    return kept?.url === profile.url && kept.accessToken !== profile.accessToken ? kept : undefined;
  }
};

interface Renewed {
  readonly access: Pick<Profile, "accessToken" | "expiresAt">;
  readonly renewal: { readonly refreshToken?: string };
}

const newTokens = async ({ url, renewal }: Profile, env: NodeJS.ProcessEnv): Promise<Renewed | undefined> => {
  const secret = env[CLIENT_SECRET] || undefined;
  switch (renewal.kind) {
    case "none":
      return undefined;
    case "local":
      return access(await localToken(url, renewal.subject));
    case "client-credentials":
      return secret === undefined ? undefined : access(await clientCredentials(renewal, secret));
    case "refresh-token": {
      const { tokenEndpoint, clientId, refreshToken } = renewal;
      const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId };
      return access(tokensIn(await postForm(tokenEndpoint, form, secret)));
    }
  }
};

const access = ({ accessToken, expiresAt, refreshToken }: Tokens): Renewed => ({
  access: { accessToken, expiresAt },
  renewal: refreshToken === undefined ? {} : { refreshToken },
});

/** RFC 6749, 4.4: a machine signs in as itself. */
export const clientCredentials = async (
  client: Extract<Renewal, { kind: "client-credentials" }>,
  secret: string,
): Promise<Tokens> => {
  const { tokenEndpoint, clientId, scopes, audience } = client;
  const form = { grant_type: "client_credentials", client_id: clientId, scope: scopes, audience };
  return tokensIn(await postForm(tokenEndpoint, form, secret));
};
