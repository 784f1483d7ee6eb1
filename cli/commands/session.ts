import { type Command, InvalidArgumentError } from "commander";
import { EXIT } from "../exit-codes.ts";
import { notSignedIn, Refusal, usage } from "../failure.ts";
import { Api } from "../http/api.ts";
import type { LoginOptions } from "../login/login.ts";
import { profileName } from "../session/connection.ts";
import { serviceUrl } from "../session/service-url.ts";
import { claimsOf } from "../session/token-claims.ts";
import { fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { type Account, accountOf } from "./account.ts";
import { leaf, type Outcome, perform, type Tools } from "./leaf.ts";

/** Where the local stack has its workspace unless it is started otherwise. */
const LOCAL_WORKSPACE = "demo";
/** Fixed, since some issuers, Cognito among them, compare a redirect address with its port; a deployment's user pool knows this one. */
const REDIRECT_PORT = 8976;

const port = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("It must be a port, 0 for any free one.");
  return Number(text);
};

export const addSession = (program: Command, outcome: Outcome): void => {
  leaf(
    program,
    "login",
    "Sign in and keep the credentials in a profile",
    "sluice login --url http://localhost:4500 --user admin",
    "sluice login --url http://localhost:4500 --client etl --scopes runs:read,runs:dispatch --profile etl",
    "sluice login --url https://api.example.com --workspace sales --issuer https://issuer.example.com --client-id 1a2b3c",
    "SLUICE_CLIENT_SECRET=… sluice login --url https://api.example.com --workspace sales \\\n      --issuer https://issuer.example.com --client-id etl --client-credentials --scopes sluice/runs:read",
    "get-token | sluice login --url https://api.example.com --workspace sales --token-stdin",
  )
    .option("--user <id>", "local stack: sign in as this user")
    .option("--client <id>", "local stack: sign in as this machine client")
    .option("--scopes <list>", "scopes to ask for, separated by commas or spaces")
    .option(
      "--issuer <url>",
      "OIDC issuer: by the device flow where it is offered, else by a browser on this machine",
    )
    .option("--client-id <id>", "id of the client at the issuer")
    .option(
      "--client-credentials",
      "sign in as a machine; the secret is in SLUICE_CLIENT_SECRET or asked for",
    )
    .option("--audience <audience>", "audience to ask for, where the issuer wants one")
    .option(
      "--redirect-port <port>",
      "port of http://localhost:<port>/callback, as registered",
      port,
      REDIRECT_PORT,
    )
    .option("--token-stdin", "take an access token from stdin")
    .action(perform(outcome, login));

  leaf(
    program,
    "logout",
    "Forget a profile, and revoke its refresh token where the issuer can",
    "sluice logout",
  ).action(perform(outcome, logout));

  leaf(
    program,
    "whoami",
    "Show who is signed in, and that the service accepts it",
    "sluice whoami --json",
  ).action(
    perform<object, []>(outcome, async ({ env, profiles, connection, terminal, api }, options) => {
      const { url, workspace, token } = connection();
      const account = await accountOf(api(), await token());
      const profile = env["SLUICE_TOKEN"] ? undefined : profileName(options, env);
      const expiresAt = profile === undefined ? undefined : profiles.read(profile)?.expiresAt;
      terminal.result({ profile, url, workspace, ...account, expiresAt }, () =>
        fields([
          ["profile", profile ?? "none: SLUICE_TOKEN"],
          ["service", url],
          ["workspace", workspace],
          ...accountFields(account),
          ["token until", localTime(expiresAt)],
        ]),
      );
    }),
  );
};

const accountFields = ({
  user,
  client,
  role,
  permissions,
  scopes,
}: Account): [string, string | undefined][] => [
  ["user", user],
  ["client", client],
  ["role", role],
  ["permissions", permissions?.join(", ")],
  ["scopes", scopes?.join(", ")],
];

const login = async (
  { env, profiles, terminal }: Tools,
  options: LoginOptions & { profile?: string; url?: string; workspace?: string },
): Promise<undefined> => {
  const address = options.url ?? (env["SLUICE_URL"] || undefined);
  if (address === undefined) throw usage("Say where: --url, or SLUICE_URL.");
  const url = serviceUrl(address, "The service's address");
  const isLocal = options.user !== undefined || options.client !== undefined;
  const name = profileName(options, env);
  const workspace =
    options.workspace ??
    (env["SLUICE_WORKSPACE"] || (isLocal ? LOCAL_WORKSPACE : profiles.read(name)?.workspace));
  const { signIn } = await import("../login/login.ts");
  const signedIn = await signIn(url, options, env, (text) => terminal.say(text));
  const token = signedIn.accessToken;
  const account =
    workspace === undefined
      ? undefined
      : await accountOf(
          new Api({ url, workspace, token: async () => token, renew: async () => undefined }),
          token,
        ).catch((error: unknown) => accountWhere(error));
  profiles.write(name, { url, workspace, ...signedIn });
  const who = claimsOf(token).sub;
  terminal.result({ profile: name, url, workspace, ...account, expiresAt: signedIn.expiresAt }, () =>
    [
      `Signed in${who === undefined ? "" : ` as ${who}`} to ${url}, profile ${name}.`,
      workspace === undefined ? "No workspace chosen: give --workspace with each command, or here." : "",
    ]
      .filter((line) => line !== "")
      .join("\n"),
  );
};

/** A service that knows the token but not the person yet is no reason to drop it; a token that is not accepted is. */
const accountWhere = (error: unknown): undefined => {
  if (!(error instanceof Refusal)) throw error;
  if (error.exitCode === EXIT.notSignedIn)
    throw notSignedIn("The service does not accept this token; nothing was kept.");
  return undefined;
};

const logout = async (
  { env, profiles, terminal }: Tools,
  options: { profile?: string },
): Promise<undefined> => {
  const name = profileName(options, env);
  const renewal = profiles.read(name)?.renewal;
  // Forgotten first: whatever the issuer answers, this machine is signed out.
  profiles.remove(name);
  if (renewal?.kind === "refresh-token" && renewal.revocationEndpoint !== undefined) {
    const { postForm } = await import("../login/token-request.ts");
    const { CLIENT_SECRET } = await import("../login/renew.ts");
    const form = {
      token: renewal.refreshToken,
      token_type_hint: "refresh_token",
      client_id: renewal.clientId,
    };
    await postForm(renewal.revocationEndpoint, form, env[CLIENT_SECRET] || undefined).catch(
      (error: unknown) =>
        terminal.say(
          `The refresh token could not be revoked: ${error instanceof Error ? error.message : error}`,
        ),
    );
  }
  terminal.result({ profile: name, signedIn: false }, () => `Signed out of profile ${name}.`);
};
