import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";
import { fetchPatiently } from "../http/patient-fetch.ts";
import { serviceUrl } from "../session/service-url.ts";

/** What is used of an issuer's discovery document (OpenID Connect Discovery 1.0, RFC 8414, RFC 8628). */
export interface Issuer {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint?: string | undefined;
  readonly deviceEndpoint?: string | undefined;
  readonly revocationEndpoint?: string | undefined;
  readonly scopes: readonly string[];
}

const bad = (detail: string): CliFailure =>
  new CliFailure(EXIT.unexpected, { code: "issuer_not_usable", detail });

/** @throws CliFailure where the address is no issuer's, or the document speaks for another one */
export const discover = async (address: string): Promise<Issuer> => {
  const issuer = serviceUrl(address, "The issuer");
  const url = `${issuer}/.well-known/openid-configuration`;
  const response = await fetchPatiently(url, { headers: { accept: "application/json" } }, true);
  if (!response.ok) throw bad(`${url} answered ${response.status}: this is no OIDC issuer.`);
  const document = (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined;
  const own = typeof document?.["issuer"] === "string" ? document["issuer"] : "";
  if (own.replace(/\/+$/, "") !== issuer) throw bad(`${url} speaks for another issuer: ${own}`);
  const endpoint = (name: string): string | undefined => {
    const value = document?.[`${name}_endpoint`];
    return typeof value === "string" ? serviceUrl(value, `The issuer's ${name}_endpoint`) : undefined;
  };
  const tokenEndpoint = endpoint("token");
  if (tokenEndpoint === undefined) throw bad(`${url} names no token_endpoint.`);
  const scopes = document?.["scopes_supported"];
  return {
    issuer: own,
    tokenEndpoint,
    authorizationEndpoint: endpoint("authorization"),
    deviceEndpoint: endpoint("device_authorization"),
    revocationEndpoint: endpoint("revocation"),
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [],
  };
};
