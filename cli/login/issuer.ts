import * as oidc from "openid-client";
import { ApiError } from "../../shared/client/api-error.ts";
import { send } from "../../shared/client/send.ts";
import { CliFailure, EXIT, notSignedIn } from "../failure.ts";
import { type Renewal, serviceUrl } from "../session/profiles.ts";
import { expiryOf, type Tokens } from "../session/tokens.ts";

/** Name of the variable that holds a confidential client's secret, which is never stored. */
export const CLIENT_SECRET = "SLUICE_CLIENT_SECRET";

/** An OAuth error response (RFC 6749, 5.2), such as `invalid_grant`. */
export class OAuthRefusal extends CliFailure {
  constructor(error: string, description: string | undefined, cause: unknown) {
    super(EXIT.notSignedIn, { code: error, detail: `The issuer refused: ${description ?? error}` }, cause);
    this.name = "OAuthRefusal";
  }
}

/** Only requests that may take effect twice are repeated: codes and refresh tokens work once. */
const fetch: oidc.CustomFetch = (url, { body, ...init }) =>
  send(
    url,
    { ...init, ...(body === undefined ? {} : { body: body as NonNullable<RequestInit["body"]> }) },
    init.method === "GET" ? "idempotent" : "after-429",
  );

/** HTTP Basic, because issuers differ least in how they implement it. */
const basic =
  (secret: string): oidc.ClientAuth =>
  (_issuer, { client_id }, body, headers) => {
    const credentials = [client_id, secret].map(encodeURIComponent).join(":");
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
    body.set("client_id", client_id);
  };
const authOf = (secret: string | undefined): oidc.ClientAuth =>
  secret === undefined ? oidc.None() : basic(secret);

/** Plain http is only for issuers on this machine, which `serviceUrl` ensures. */
const allowHttp = (url: string) => (url.startsWith("http:") ? [oidc.allowInsecureRequests] : []);

/** @throws CliFailure if there is no issuer at the address, or its document is another issuer's */
export const discover = async (
  address: string,
  clientId: string,
  secret: string | undefined,
): Promise<oidc.Configuration> => {
  const url = serviceUrl(address, "The issuer's address");
  try {
    const options = { [oidc.customFetch]: fetch, execute: allowHttp(url) };
    return await oidc.discovery(new URL(address), clientId, undefined, authOf(secret), options);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof ApiError) throw error.cause;
    const why = error instanceof Error ? error.message : error;
    const detail = `Cannot use ${url} as an OIDC issuer: ${why}.`;
    throw new CliFailure(EXIT.unexpected, { code: "issuer_not_usable", detail }, error);
  }
};

/** Returns the issuer of a profile, without fetching its discovery document again. */
export const issuerOf = (
  renewal: Extract<Renewal, { kind: "refresh-token" | "client-credentials" }>,
  secret: string | undefined,
): oidc.Configuration => {
  const { tokenEndpoint, clientId } = renewal;
  const configuration = new oidc.Configuration(
    {
      issuer: renewal.issuer ?? new URL(tokenEndpoint).origin,
      token_endpoint: tokenEndpoint,
      ...("revocationEndpoint" in renewal && renewal.revocationEndpoint !== undefined
        ? { revocation_endpoint: renewal.revocationEndpoint }
        : {}),
    },
    clientId,
    undefined,
    authOf(secret),
  );
  configuration[oidc.customFetch] = fetch;
  for (const allow of allowHttp(tokenEndpoint)) allow(configuration);
  return configuration;
};

/**
 * Takes the tokens that a grant gives.
 * @throws OAuthRefusal if the issuer says why it gives none
 */
export const tokensFrom = async (
  grant: () => Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers>,
): Promise<Tokens> => {
  const { access_token, refresh_token, expires_in } = await fromIssuer(grant);
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt:
      expires_in === undefined
        ? expiryOf(access_token)
        : new Date(Date.now() + expires_in * 1_000).toISOString(),
  };
};

/** Turns the library's errors into the command's failures. */
export const fromIssuer = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError)
      throw new OAuthRefusal(error.error, error.error_description, error);
    if (error instanceof Error && error.cause instanceof ApiError) throw error.cause;
    if (error instanceof oidc.ClientError) {
      const isLate = error.code === "OAUTH_TIMEOUT";
      throw notSignedIn(
        isLate ? "The issuer did not complete the sign-in in time." : `Sign-in failed: ${error.message}.`,
      );
    }
    throw error;
  }
};
