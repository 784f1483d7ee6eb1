interface Claims {
  readonly sub?: string;
  readonly client_id?: string;
  readonly scope?: string;
  /** Seconds since 1970. */
  readonly exp?: number;
}

/** Returns the claims of a JWT, unverified: only for display and for scheduling the renewal. An opaque token has none. */
export const claimsOf = (token: string): Claims => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
};

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
