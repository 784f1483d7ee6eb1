import { clientCredentialsGrant, refreshTokenGrant, tokenRevocation } from "openid-client";
import type { Profile, Profiles, Renewal } from "../session/profiles.ts";
import type { Tokens } from "../session/tokens.ts";
import { CLIENT_SECRET, fromIssuer, issuerOf, OAuthRefusal, tokensFrom } from "./issuer.ts";
import { localToken } from "./local-token.ts";

/**
 * Renews a profile's access token and stores the profile. Returns undefined if the person has to sign in again. If another
 * process has already used a one-time refresh token, its stored result is used.
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
    const { accessToken, expiresAt, refreshToken } = tokens;
    const { renewal } = profile;
    const next = {
      ...profile,
      accessToken,
      expiresAt,
      renewal:
        renewal.kind === "refresh-token" && refreshToken !== undefined
          ? { ...renewal, refreshToken }
          : renewal,
    };
    profiles.write(name, next);
    return next;
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    const stored = profiles.read(name);
    return stored?.url === profile.url && stored.accessToken !== profile.accessToken ? stored : undefined;
  }
};

const newTokens = async ({ url, renewal }: Profile, env: NodeJS.ProcessEnv): Promise<Tokens | undefined> => {
  const secret = env[CLIENT_SECRET] || undefined;
  switch (renewal.kind) {
    case "none":
      return undefined;
    case "local":
      return localToken(url, renewal.subject);
    case "client-credentials":
      return secret === undefined ? undefined : clientCredentials(renewal, secret);
    case "refresh-token":
      return tokensFrom(() => refreshTokenGrant(issuerOf(renewal, secret), renewal.refreshToken));
  }
};

/** Signs a machine in as itself (RFC 6749, 4.4). */
export const clientCredentials = (
  renewal: Extract<Renewal, { kind: "client-credentials" }>,
  secret: string,
): Promise<Tokens> => {
  const { scopes, audience } = renewal;
  return tokensFrom(() =>
    clientCredentialsGrant(issuerOf(renewal, secret), {
      ...(scopes === undefined ? {} : { scope: scopes }),
      ...(audience === undefined ? {} : { audience }),
    }),
  );
};

/** Revokes a refresh token at its issuer (RFC 7009). */
export const revoke = (
  renewal: Extract<Renewal, { kind: "refresh-token" }>,
  env: NodeJS.ProcessEnv,
): Promise<void> =>
  fromIssuer(() =>
    tokenRevocation(issuerOf(renewal, env[CLIENT_SECRET] || undefined), renewal.refreshToken, {
      token_type_hint: "refresh_token",
    }),
  );
