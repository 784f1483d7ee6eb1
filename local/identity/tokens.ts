import { SignJWT } from "jose";
import * as z from "zod";
import { userIdSchema } from "../../shared/model/schemas/member.ts";
import type { SigningKey } from "./keys.ts";

/** The local issuer. It does not depend on the port, so that tokens stay valid after a restart. */
export const ISSUER = "https://issuer.sluice.localhost";
export const AUDIENCE = "sluice";
/** The claim of platform administrators, and the claim that lists a machine client's workspaces. */
export const PLATFORM_ADMIN_CLAIM = "sluice:platform_admin";
export const WORKSPACES_CLAIM = "sluice:workspaces";

export const PLATFORM_USER = "platform";
const LIFETIME_SECONDS = 3_600;

const id = z.string().regex(/^[^\s\p{Cc}]{1,128}$/u, "1 to 128 characters, no spaces");
const common = {
  /** Seconds; a negative number makes an expired token. */
  expiresIn: z.int().min(-31_536_000).max(31_536_000).optional(),
  issuer: z.string().max(256).optional(),
  audience: z.string().max(256).optional(),
};
export const tokenRequestSchema = z.union([
  z.strictObject({ user: userIdSchema, ...common }),
  z.strictObject({
    client: id,
    scopes: z.array(z.string().regex(/^[\x21-\x7e]{1,64}$/)).max(32),
    workspaces: z.array(id).max(32).optional(),
    ...common,
  }),
]);
type TokenRequest = z.infer<typeof tokenRequestSchema>;

/**
 * Signs an access token. Its times are the machine's, not those of the stack's clock: a token stays valid when the clock is advanced by weeks.
 * @param workspace the workspace of a machine client, unless the request names others
 */
export function issueToken(key: SigningKey, request: TokenRequest, workspace: string): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const lifetime = request.expiresIn ?? LIFETIME_SECONDS;
  return new SignJWT(claimsOf(request, workspace))
    .setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "JWT" })
    .setIssuer(request.issuer ?? ISSUER)
    .setAudience(request.audience ?? AUDIENCE)
    .setIssuedAt(Math.min(now, now + lifetime))
    .setExpirationTime(now + lifetime)
    .sign(key.privateKey);
}

function claimsOf(request: TokenRequest, workspace: string): Record<string, unknown> {
  if ("user" in request) {
    return { sub: request.user, ...(request.user === PLATFORM_USER ? { [PLATFORM_ADMIN_CLAIM]: true } : {}) };
  }
  return {
    sub: request.client,
    client_id: request.client,
    scope: request.scopes.join(" "),
    [WORKSPACES_CLAIM]: request.workspaces ?? [workspace],
  };
}
