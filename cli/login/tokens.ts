import { claimsOf } from "../session/token-claims.ts";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
}

/** Returns when a JWT expires according to its own claim, in ISO 8601. */
export const expiryOf = (token: string): string | undefined => {
  const { exp } = claimsOf(token);
  return typeof exp === "number" ? new Date(exp * 1_000).toISOString() : undefined;
};
