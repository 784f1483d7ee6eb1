import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { SigningKey } from "../identity/keys.ts";
import { AUDIENCE, ISSUER } from "../identity/tokens.ts";

/** The token's claims, or the description for the `www-authenticate` header. */
type Authorization =
  | { readonly ok: true; readonly claims: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly challenge: string };

export type Authorizer = (header: string | undefined) => Promise<Authorization>;

/**
 * API Gateway's JWT authorizer for HTTP APIs: signature by a key of the set, issuer, `aud` (or, only without one, `client_id`),
 * `exp`, `nbf`, `iat`; the header's `kid` must name the key ("Control access to HTTP APIs with JWT authorizers").
 */
export function jwtAuthorizer(key: SigningKey): Authorizer {
  const keys = createLocalJWKSet(key.publicSet);
  return async (header) => {
    const token = header?.replace(/^Bearer /i, "").trim();
    if (token === undefined || token === "") return { ok: false, challenge: "Bearer" };
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: ["RS256"],
        issuer: ISSUER,
        requiredClaims: ["exp"],
      });
      // A set of one key would not need the name, but API Gateway looks the key up by it.
      if (protectedHeader.kid !== key.kid) return refused("the token is not valid");
      const complaint = audienceComplaint(payload) ?? issuedComplaint(payload);
      return complaint === undefined ? { ok: true, claims: asText(payload) } : refused(complaint);
    } catch (error) {
      return refused(error instanceof errors.JOSEError ? describe(error) : "the token is not valid");
    }
  };
}

const refused = (description: string): Authorization => ({
  ok: false,
  challenge: `Bearer scope="" error="invalid_token" error_description="${description}"`,
});

function audienceComplaint({ aud, client_id }: JWTPayload): string | undefined {
  const audiences = aud === undefined ? [client_id] : Array.isArray(aud) ? aud : [aud];
  return audiences.includes(AUDIENCE) ? undefined : "the token does not have a valid audience";
}

function issuedComplaint({ iat }: JWTPayload): string | undefined {
  return iat !== undefined && iat > Date.now() / 1_000 ? "the token was issued in the future" : undefined;
}

function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token does not have a valid ${error.claim}`;
  return "the token is not valid";
}

/** API Gateway passes on every claim as a string: a list as `[a b]`. */
function asText(payload: JWTPayload): Record<string, string> {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
    return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  };
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, text(value)]));
}
