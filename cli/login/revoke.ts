import { tokenRevocation } from "openid-client";
import type { Renewal } from "../session/profiles.ts";
import { CLIENT_SECRET, fromIssuer, issuerOf } from "./issuer.ts";

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
