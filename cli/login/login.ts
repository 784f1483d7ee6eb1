import type { Configuration } from "openid-client";
import { usage } from "../failure.ts";
import type { Profile } from "../session/profiles.ts";
import { expiryOf } from "../session/tokens.ts";
import { askSecret, readStdin } from "../terminal/ask.ts";
import { CLIENT_SECRET, discover } from "./issuer.ts";
import { localToken } from "./local-token.ts";
import { clientCredentials } from "./renew.ts";
import { userLogin } from "./user-login.ts";

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

/** Signs in with the one method that the options name. */
export const signIn = async (
  url: string,
  options: LoginOptions,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<SignedIn> => {
  const { user, client, issuer, clientId, tokenStdin } = options;
  const methods = [tokenStdin === true, user !== undefined, client !== undefined, issuer !== undefined];
  if (methods.filter(Boolean).length !== 1)
    throw usage(
      "Choose one sign-in method: --issuer with --client-id, --token-stdin or, for a local stack, --user or --client.",
    );
  if (tokenStdin === true) return signInWithToken(await readStdin());
  if (user !== undefined) return signInLocally(url, { user });
  if (client !== undefined) return signInLocally(url, { client, scopes: scopeList(options.scopes) });
  if (clientId === undefined) throw usage("--issuer requires --client-id.");
  const given = env[CLIENT_SECRET] || undefined;
  const secret = options.clientCredentials === true ? (given ?? (await askForSecret())) : given;
  const configuration = await discover(issuer ?? "", clientId, secret);
  return options.clientCredentials === true && secret !== undefined
    ? signInAsClient(configuration, clientId, options, secret)
    : signInAsUser(configuration, clientId, options, say);
};

const scopeList = (text = ""): string[] => text.split(/[\s,]+/).filter((scope) => scope !== "");
const scopeText = (text?: string): string | undefined => scopeList(text).join(" ") || undefined;

const signInWithToken = (text: string): SignedIn => {
  const accessToken = text.trim();
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw usage("stdin contains no token.");
  return { accessToken, expiresAt: expiryOf(accessToken), renewal: { kind: "none" } };
};

const signInLocally = async (url: string, subject: Readonly<Record<string, unknown>>): Promise<SignedIn> => ({
  ...(await localToken(url, subject)),
  renewal: { kind: "local", subject },
});

const askForSecret = async (): Promise<string> => {
  if (process.stdin.isTTY !== true) throw usage(`Set ${CLIENT_SECRET} to the client's secret.`);
  return askSecret("Client secret: ");
};

/** The parts of an issuer's discovery document that renewals need. */
const endpointsOf = (configuration: Configuration) => {
  const { issuer, token_endpoint: tokenEndpoint, revocation_endpoint } = configuration.serverMetadata();
  if (tokenEndpoint === undefined) throw usage(`The issuer ${issuer} has no token endpoint.`);
  return { issuer, tokenEndpoint, revocationEndpoint: revocation_endpoint };
};

const signInAsClient = async (
  configuration: Configuration,
  clientId: string,
  { scopes, audience }: LoginOptions,
  secret: string,
): Promise<SignedIn> => {
  const { issuer, tokenEndpoint } = endpointsOf(configuration);
  const renewal = {
    kind: "client-credentials",
    issuer,
    tokenEndpoint,
    clientId,
    scopes: scopeText(scopes),
    audience,
  } as const;
  const { accessToken, expiresAt } = await clientCredentials(renewal, secret);
  return { accessToken, expiresAt, renewal };
};

const signInAsUser = async (
  configuration: Configuration,
  clientId: string,
  { scopes, audience, redirectPort }: LoginOptions,
  say: (text: string) => void,
): Promise<SignedIn> => {
  const endpoints = endpointsOf(configuration);
  // Some issuers give a refresh token only for this scope; others do not support it.
  const offersOffline = configuration.serverMetadata().scopes_supported?.includes("offline_access") === true;
  const parameters = {
    scope: scopeText(scopes) ?? (offersOffline ? "openid offline_access" : "openid"),
    ...(audience === undefined ? {} : { audience }),
  };
  const { accessToken, expiresAt, refreshToken } = await userLogin({
    issuer: configuration,
    parameters,
    redirectPort,
    say,
  });
  return {
    accessToken,
    expiresAt,
    renewal:
      refreshToken === undefined
        ? { kind: "none" }
        : { kind: "refresh-token", ...endpoints, clientId, refreshToken },
  };
};
