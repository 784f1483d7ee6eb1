import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Listening, listen } from "./hosted-console.ts";

/** A small OpenID Connect issuer. Its access tokens are the local stack's, so that the API accepts them. */
export interface OidcIssuer extends Listening {
  readonly clientId: string;
  /** Requested grants, in order, with the tokens that were issued. */
  readonly grants: readonly { readonly kind: string; readonly token: string }[];
  /** The number of visits to its sign-in page. */
  readonly visits: () => number;
  /** Accepts no more refresh tokens, as after the end of a session at the issuer. */
  forget(): void;
}

interface Pending {
  readonly challenge: string;
  readonly redirectUri: string;
}

const CLIENT_ID = "console";

/** @param expiresIn lifetime of the access tokens, seconds, asked each time */
export const oidcIssuer = async (
  stackUrl: string,
  user: string,
  { redirectUri, expiresIn }: { redirectUri: () => string; expiresIn: () => number },
): Promise<OidcIssuer> => {
  const codes = new Map<string, Pending>();
  const refreshTokens = new Set<string>();
  const grants: { kind: string; token: string }[] = [];
  let visits = 0;

  const signed = async (wish: Record<string, unknown>): Promise<string> => {
    const answer = await fetch(`${stackUrl}/local/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user, ...wish }),
    });
    return ((await answer.json()) as { accessToken: string }).accessToken;
  };

  const tokens = async (kind: string): Promise<Record<string, unknown>> => {
    const access = await signed({ expiresIn: expiresIn() });
    grants.push({ kind, token: access });
    return { access_token: access, token_type: "Bearer", expires_in: expiresIn() };
  };

  const grant = async (form: URLSearchParams): Promise<Record<string, unknown> | undefined> => {
    if (form.get("client_id") !== CLIENT_ID) return undefined;
    if (form.get("grant_type") === "refresh_token") {
      return refreshTokens.has(form.get("refresh_token") ?? "") ? tokens("refresh_token") : undefined;
    }
    const pending = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (pending === undefined || proof !== pending.challenge) return undefined;
    if (form.get("redirect_uri") !== pending.redirectUri) return undefined;
    const refreshToken = `refresh-${randomUUID()}`;
    refreshTokens.add(refreshToken);
    return {
      ...(await tokens("authorization_code")),
      refresh_token: refreshToken,
      id_token: await signed({ audience: CLIENT_ID }),
    };
  };

  const authorize = (query: URLSearchParams): string | undefined => {
    const challenge = query.get("code_challenge");
    const target = query.get("redirect_uri");
    if (query.get("client_id") !== CLIENT_ID || query.get("response_type") !== "code") return undefined;
    if (query.get("code_challenge_method") !== "S256" || challenge === null) return undefined;
    if (target === null || target !== redirectUri()) return undefined;
    const code = `code-${randomUUID()}`;
    codes.set(code, { challenge, redirectUri: target });
    return `${target}?${new URLSearchParams({ code, state: query.get("state") ?? "" })}`;
  };

  const listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, body: unknown) =>
      response
        .writeHead(status, { "content-type": "application/json", "access-control-allow-origin": "*" })
        .end(JSON.stringify(body));
    if (url.pathname === "/.well-known/openid-configuration") return answer(200, discovery(listening.url));
    if (url.pathname === "/authorize") {
      visits += 1;
      const back = authorize(url.searchParams);
      return back === undefined ? answer(400, {}) : response.writeHead(302, { location: back }).end();
    }
    if (url.pathname === "/logout") {
      const back = url.searchParams.get("logout_uri") ?? "";
      return response.writeHead(302, { location: back }).end();
    }
    const given = url.pathname === "/token" ? await grant(await formOf(request)) : undefined;
    return given === undefined ? answer(400, { error: "invalid_grant" }) : answer(200, given);
  });
  return {
    ...listening,
    clientId: CLIENT_ID,
    grants,
    visits: () => visits,
    forget: () => refreshTokens.clear(),
  };
};

const discovery = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/jwks`,
});

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return new URLSearchParams(text);
};
