import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as oidc from "openid-client";
import { notSignedIn, usage } from "../failure.ts";
import type { Tokens } from "../session/tokens.ts";
import { fromIssuer, tokensFrom } from "./issuer.ts";

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

const PATH = "/callback";
const PATIENCE_MS = 5 * 60_000;

interface Redirect {
  readonly uri: string;
  /** Returns the parameters of the first request that is `expected`. Other requests, such as guesses of another page, get 404. */
  answer(expected: (parameters: URLSearchParams) => boolean): Promise<URLSearchParams>;
  close(): void;
}

/**
 * Starts a server that is reachable only from this machine and receives one redirect of a browser.
 * @param port 0 for any free one; issuers that compare redirect addresses with their port need a fixed one
 */
const receiveRedirect = async (port: number): Promise<Redirect> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  }).catch((error: unknown) => {
    throw usage(`Cannot listen on port ${port} for the browser's redirect (--redirect-port): ${error}`);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    uri: `http://localhost:${actual}${PATH}`,
    answer: (expected) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(notSignedIn("Nobody signed in within five minutes.")),
          PATIENCE_MS,
        );
        server.on("request", (request, response) => {
          const url = new URL(request.url ?? "/", "http://localhost");
          const isIt = request.method === "GET" && url.pathname === PATH && expected(url.searchParams);
          response.writeHead(isIt ? 200 : 404, { "content-type": "text/plain", connection: "close" });
          response.end(isIt ? "You are signed in to Sluice. You can close this page.\n" : "Not found.\n");
          if (!isIt) return;
          clearTimeout(timer);
          resolve(url.searchParams);
        });
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
