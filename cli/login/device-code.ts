import { setTimeout as sleep } from "node:timers/promises";
import { notSignedIn } from "../failure.ts";
import type { Issuer } from "./discovery.ts";
import { OAuthRefusal, postForm, type Tokens, tokensIn } from "./token-request.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export interface UserLogin {
  readonly issuer: Issuer;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scopes: string;
  readonly audience?: string | undefined;
  readonly say: (text: string) => void;
}

/** The device flow (RFC 8628): the person opens a page anywhere and enters a code. */
export const deviceCodeLogin = async (login: UserLogin, endpoint: string): Promise<Tokens> => {
  const { issuer, clientId, clientSecret, scopes, audience, say } = login;
  const asked = await postForm(endpoint, { client_id: clientId, scope: scopes, audience }, clientSecret);
  const { device_code: code, user_code: userCode, verification_uri: page } = asked;
  if (typeof code !== "string" || typeof userCode !== "string" || typeof page !== "string")
    throw notSignedIn("The issuer's answer holds no device code.");
  say(`Open ${page} and enter the code ${userCode}`);
  if (typeof asked["verification_uri_complete"] === "string")
    say(`or open ${asked["verification_uri_complete"]}`);
  const endsAt = Date.now() + seconds(asked["expires_in"], 600) * 1_000;
  let interval = seconds(asked["interval"], 5);
  while (Date.now() < endsAt) {
    await sleep(interval * 1_000);
    try {
      const form = { grant_type: GRANT, device_code: code, client_id: clientId };
      return tokensIn(await postForm(issuer.tokenEndpoint, form, clientSecret));
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      if (error.error === "slow_down") interval += 5;
      else if (error.error !== "authorization_pending") throw error;
    }
  }
  throw notSignedIn("Nobody entered the code in time.");
};

const seconds = (value: unknown, otherwise: number): number =>
  typeof value === "number" && value > 0 ? value : otherwise;
