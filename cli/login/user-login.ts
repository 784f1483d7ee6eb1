import * as oidc from "openid-client";
import { notSignedIn } from "../failure.ts";
import type { Tokens } from "../session/tokens.ts";
import { fromIssuer, tokensFrom } from "./issuer.ts";
import { receiveRedirect } from "./loopback.ts";

interface UserLogin {
  readonly issuer: oidc.Configuration;
  /** `scope` and, if the issuer requires one, `audience`. */
  readonly parameters: Record<string, string>;
  /** Port for the browser's redirect; 0 for any free one. */
  readonly redirectPort: number;
  readonly say: (text: string) => void;
}

/** Signs a person in with the device flow if the issuer offers it, otherwise with a browser on this machine. */
export const userLogin = (login: UserLogin): Promise<Tokens> => {
  const { device_authorization_endpoint, authorization_endpoint } = login.issuer.serverMetadata();
  if (device_authorization_endpoint !== undefined) return withDeviceCode(login);
  if (authorization_endpoint === undefined)
    throw notSignedIn("The issuer offers neither the device flow nor the authorization code flow.");
  return withAuthorizationCode(login);
};

/** The device flow (RFC 8628): the person opens a page on any device and enters a code. */
const withDeviceCode = async ({ issuer, parameters, say }: UserLogin): Promise<Tokens> => {
  const device = await fromIssuer(() => oidc.initiateDeviceAuthorization(issuer, parameters));
  say(`Open ${device.verification_uri} and enter the code ${device.user_code}`);
  if (device.verification_uri_complete !== undefined) say(`or open ${device.verification_uri_complete}`);
  return tokensFrom(() => oidc.pollDeviceAuthorizationGrant(issuer, device));
};

/** The authorization code flow with PKCE (RFC 7636), with a redirect to a port of this machine (RFC 8252, 7.3). */
const withAuthorizationCode = async (login: UserLogin): Promise<Tokens> => {
  const { issuer, parameters, redirectPort, say } = login;
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const redirect = await receiveRedirect(redirectPort);
  try {
    const page = oidc.buildAuthorizationUrl(issuer, {
      ...parameters,
      redirect_uri: redirect.uri,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    say(`Open this page to sign in:\n\n  ${page}\n`);
    const answer = await redirect.answer((received) => received.get("state") === state);
    return await tokensFrom(() =>
      oidc.authorizationCodeGrant(issuer, new URL(`${redirect.uri}?${answer}`), {
        pkceCodeVerifier: verifier,
        expectedState: state,
      }),
    );
  } finally {
    redirect.close();
  }
};
