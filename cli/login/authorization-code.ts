import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { notSignedIn } from "../failure.ts";
import type { UserLogin } from "./device-code.ts";
import { receiveRedirect } from "./loopback.ts";
import { postForm, type Tokens, tokensIn } from "./token-request.ts";

/** The authorization code flow with PKCE (RFC 7636), the browser coming back to a port of this machine (RFC 8252, 7.3). */
export const authorizationCodeLogin = async (
  login: UserLogin,
  endpoint: string,
  port: number,
): Promise<Tokens> => {
  const { issuer, clientId, clientSecret, scopes, audience, say } = login;
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const redirect = await receiveRedirect(port);
  try {
    const page = new URL(endpoint);
    const asked = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirect.uri,
      scope: scopes,
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...(audience === undefined ? {} : { audience }),
    };
    for (const [name, value] of Object.entries(asked)) page.searchParams.set(name, value);
    say(`Open this page to sign in:\n\n  ${page}\n`);
    const answer = await redirect.answer((parameters) => isSame(parameters.get("state") ?? "", state));
    // RFC 9207: the answer of another issuer is no answer to this question.
    const from = answer.get("iss");
    if (from !== null && from !== issuer.issuer)
      throw notSignedIn(`The answer came from another issuer: ${from}`);
    const code = answer.get("code");
    if (code === null)
      throw notSignedIn(
        `The issuer refused: ${answer.get("error_description") ?? answer.get("error") ?? "no code"}`,
      );
    const form = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirect.uri,
      client_id: clientId,
      code_verifier: verifier,
    };
    return tokensIn(await postForm(issuer.tokenEndpoint, form, clientSecret));
  } finally {
    redirect.close();
  }
};

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
