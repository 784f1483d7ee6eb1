import { notSignedIn, usage } from "../failure.ts";
import type { Profile, Renewal } from "../session/profiles.ts";
import { askSecret, readStdin } from "../terminal/ask.ts";
import { authorizationCodeLogin } from "./authorization-code.ts";
import { deviceCodeLogin, type UserLogin } from "./device-code.ts";
import { discover, type Issuer } from "./discovery.ts";
import { localToken } from "./local-token.ts";
import { CLIENT_SECRET, clientCredentials } from "./renew.ts";
import { expiryOf, type Tokens } from "./token-request.ts";

export interface LoginOptions {
  readonly user?: string;
  readonly client?: string;
  readonly scopes?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientCredentials?: boolean;
  readonly audience?: string;
  readonly redirectPort: number;
  readonly tokenStdin?: boolean;
}

type SignedIn = Pick<Profile, "accessToken" | "expiresAt" | "renewal">;

/** Signs in the one way that the options name. */
export const signIn = async (
  url: string,
  options: LoginOptions,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<SignedIn> => {
  const { user, client, issuer, clientId, tokenStdin } = options;
  const ways = [tokenStdin === true, user !== undefined, client !== undefined, issuer !== undefined];
  if (ways.filter(Boolean).length !== 1)
    throw usage(
      "Say how to sign in: --issuer with --client-id, --token-stdin, or for a local stack --user or --client.",
    );
  if (tokenStdin === true) return signInWithToken(await readStdin());
  if (user !== undefined) return signInLocally(url, { user });
  if (client !== undefined) return signInLocally(url, { client, scopes: scopeList(options.scopes) });
  if (clientId === undefined) throw usage("--issuer needs --client-id.");
  const discovered = await discover(issuer ?? "");
  return options.clientCredentials === true
    ? signInAsClient(discovered, clientId, options, env)
    : signInAsUser(discovered, clientId, options, env, say);
};

const scopeList = (text = ""): string[] => text.split(/[\s,]+/).filter((scope) => scope !== "");
const scopeText = (text?: string): string | undefined => scopeList(text).join(" ") || undefined;

const signInWithToken = (text: string): SignedIn => {
  const accessToken = text.trim();
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw usage("stdin holds no token.");
  return { accessToken, expiresAt: expiryOf(accessToken), renewal: { kind: "none" } };
};

const signInLocally = async (url: string, subject: Readonly<Record<string, unknown>>): Promise<SignedIn> => ({
  ...(await localToken(url, subject)),
  renewal: { kind: "local", subject },
});

const signInAsClient = async (
  { tokenEndpoint }: Issuer,
  clientId: string,
  { scopes, audience }: LoginOptions,
  env: NodeJS.ProcessEnv,
): Promise<SignedIn> => {
  const renewal = {
    kind: "client-credentials",
    tokenEndpoint,
    clientId,
    scopes: scopeText(scopes),
    audience,
  } as const;
  const { accessToken, expiresAt } = await clientCredentials(renewal, await secretOf(env));
  return { accessToken, expiresAt, renewal };
};

const secretOf = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const given = env[CLIENT_SECRET] || undefined;
  if (given !== undefined) return given;
  if (process.stdin.isTTY !== true) throw usage(`The client's secret is expected in ${CLIENT_SECRET}.`);
  return askSecret("Client secret: ");
};

const signInAsUser = async (
  issuer: Issuer,
  clientId: string,
  { scopes, audience, redirectPort }: LoginOptions,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<SignedIn> => {
  // Some issuers give a refresh token only for this scope, others do not know it.
  const usual = issuer.scopes.includes("offline_access") ? "openid offline_access" : "openid";
  const clientSecret = env[CLIENT_SECRET] || undefined;
  const login: UserLogin = {
    issuer,
    clientId,
    clientSecret,
    scopes: scopeText(scopes) ?? usual,
    audience,
    say,
  };
  return renewable(await tokensOf(login, redirectPort), issuer, clientId);
};

const tokensOf = (login: UserLogin, redirectPort: number): Promise<Tokens> => {
  const { deviceEndpoint, authorizationEndpoint } = login.issuer;
  if (deviceEndpoint !== undefined) return deviceCodeLogin(login, deviceEndpoint);
  if (authorizationEndpoint === undefined)
    throw notSignedIn("The issuer offers neither the device flow nor the authorization code flow.");
  return authorizationCodeLogin(login, authorizationEndpoint, redirectPort);
};

const renewable = (tokens: Tokens, issuer: Issuer, clientId: string): SignedIn => {
  const { accessToken, expiresAt, refreshToken } = tokens;
  const { tokenEndpoint, revocationEndpoint } = issuer;
  const renewal: Renewal =
    refreshToken === undefined
      ? { kind: "none" }
      : { kind: "refresh-token", tokenEndpoint, revocationEndpoint, clientId, refreshToken };
  return { accessToken, expiresAt, renewal };
};
