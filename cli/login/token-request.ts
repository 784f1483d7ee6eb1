import { EXIT } from "../exit-codes.ts";
import { CliFailure, notSignedIn } from "../failure.ts";
import { fetchPatiently } from "../http/patient-fetch.ts";
import { claimsOf } from "../session/token-claims.ts";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
}

/** An OAuth error answer (RFC 6749, 5.2), such as `invalid_grant`. */
export class OAuthRefusal extends CliFailure {
  readonly error: string;
  constructor(error: string, description: string | undefined) {
    const detail = `The issuer refused: ${description ?? error}`;
    super(EXIT.notSignedIn, { code: error, detail });
    this.name = "OAuthRefusal";
    this.error = error;
  }
}

/**
 * A form to an issuer's endpoint. Not repeated where it is unknown whether it took effect: codes and refresh tokens work once.
 * @param secret of a confidential client, sent as HTTP Basic
 * @throws OAuthRefusal where the issuer says why
 */
export const postForm = async (
  endpoint: string,
  form: Readonly<Record<string, string | undefined>>,
  secret?: string,
): Promise<Record<string, unknown>> => {
  const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const basic = [form["client_id"] ?? "", secret ?? ""].map(encodeURIComponent).join(":");
  const response = await fetchPatiently(
    endpoint,
    {
      method: "POST",
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        ...(secret === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` }),
      },
      body: new URLSearchParams(present).toString(),
      redirect: "error",
    },
    false,
  );
  const text = await response.text();
  const body = objectIn(text);
  if (response.ok) return body;
  const { error, error_description: description } = body;
  if (typeof error === "string")
    throw new OAuthRefusal(error, typeof description === "string" ? description : undefined);
  throw notSignedIn(`The issuer answered ${response.status}.`);
};

const objectIn = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** The tokens in a token endpoint's answer. */
export const tokensIn = (body: Readonly<Record<string, unknown>>): Tokens => {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = body;
  if (typeof accessToken !== "string") throw notSignedIn("The issuer's answer holds no access token.");
  return {
    accessToken,
    refreshToken: typeof refreshToken === "string" ? refreshToken : undefined,
    expiresAt:
      typeof seconds === "number"
        ? new Date(Date.now() + seconds * 1_000).toISOString()
        : expiryOf(accessToken),
  };
};

/** When a JWT ends by its own claim; ISO 8601. */
export const expiryOf = (token: string): string | undefined => {
  const { exp } = claimsOf(token);
  return typeof exp === "number" ? new Date(exp * 1_000).toISOString() : undefined;
};
