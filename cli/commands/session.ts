import { type Command, InvalidArgumentError } from "commander";
import { ApiError } from "../../shared/client/api-error.ts";
import { createClient } from "../../shared/client/client.ts";
import type { Client } from "../../shared/client/operations.ts";
import { notSignedIn, usage } from "../failure.ts";
import type { LoginOptions } from "../login/login.ts";
import { type ConnectionOptions, profileName } from "../session/connection.ts";
import { serviceUrl } from "../session/profiles.ts";
import { claimsOf } from "../session/tokens.ts";
import { fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { type CommandContext, leaf, perform } from "./command.ts";

/** The local stack's workspace, unless it is started with another one. */
const LOCAL_WORKSPACE = "demo";
/**
 * Fixed, because some issuers, such as Cognito, compare redirect URLs including the port. A deployment's user pool allows this
 * one.
 */
const REDIRECT_PORT = 8976;

const port = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("Expected a port number, or 0 for any free port.");
  return Number(text);
};

export const addSession = (program: Command): void => {
  leaf(
    program,
    "login",
    "Sign in and store the credentials in a profile",
    "sluice login --url http://localhost:4500 --user admin",
    "sluice login --url http://localhost:4500 --client etl --scopes runs:read,runs:dispatch --profile etl",
    "sluice login --url https://api.example.com --workspace sales --issuer https://issuer.example.com --client-id 1a2b3c",
    "SLUICE_CLIENT_SECRET=… sluice login --url https://api.example.com --workspace sales \\\n      --issuer https://issuer.example.com --client-id etl --client-credentials --scopes sluice/runs:read",
    "get-token | sluice login --url https://api.example.com --workspace sales --token-stdin",
  )
    .option("--user <id>", "local stack: sign in as this user")
    .option("--client <id>", "local stack: sign in as this machine client")
    .option("--scopes <list>", "scopes to request, separated by commas or spaces")
    .option(
      "--issuer <url>",
      "OIDC issuer; uses the device flow if the issuer offers it, otherwise a browser on this machine",
    )
    .option("--client-id <id>", "id of the client at the issuer")
    .option(
      "--client-credentials",
      "sign in as a machine; the secret is read from SLUICE_CLIENT_SECRET, or you are asked for it",
    )
    .option("--audience <audience>", "audience to request, if the issuer needs one")
    .option(
      "--redirect-port <port>",
      "port of the redirect address http://localhost:<port>/callback that is registered at the issuer",
      port,
      REDIRECT_PORT,
    )
    .option("--token-stdin", "read an access token from stdin")
    .action(perform(login));

  leaf(
    program,
    "logout",
    "Delete a profile, and revoke its refresh token if the issuer supports it",
    "sluice logout",
  ).action(perform(logout));

  leaf(
    program,
    "whoami",
    "Show who is signed in, and check that the service accepts the token",
    "sluice whoami --json",
  ).action(
    perform<object, []>(async ({ env, profiles, connection, terminal, api }, options) => {
      const { url, workspace, token } = connection();
      const account = await accountOf(api(), await token());
      const profile = env["SLUICE_TOKEN"] ? undefined : profileName(options, env);
      const expiresAt = profile === undefined ? undefined : profiles.read(profile)?.expiresAt;
      terminal.result({ profile, url, workspace, ...account, expiresAt }, () =>
        fields([
          ["profile", profile ?? "none (SLUICE_TOKEN)"],
          ["service", url],
          ["workspace", workspace],
          ...accountFields(account),
          ["token expires", localTime(expiresAt)],
        ]),
      );
    }),
  );
};

const accountFields = (account: Account): [string, string | undefined][] => [
  ["user", account.user],
  ["client", account.client],
  ["role", account.role],
  ["permissions", account.permissions?.join(", ")],
  ["scopes", account.scopes?.join(", ")],
];

const login = async (
  { env, profiles, terminal }: CommandContext,
  options: LoginOptions & ConnectionOptions,
): Promise<undefined> => {
  const address = options.url ?? (env["SLUICE_URL"] || undefined);
  if (address === undefined) throw usage("No address given. Add --url, or set SLUICE_URL.");
  const url = serviceUrl(address, "The API address");
  const isLocal = options.user !== undefined || options.client !== undefined;
  const name = profileName(options, env);
  const workspace =
    options.workspace ??
    (env["SLUICE_WORKSPACE"] || (isLocal ? LOCAL_WORKSPACE : profiles.read(name)?.workspace));
  const { signIn } = await import("../login/login.ts");
  const signedIn = await signIn(url, options, env, (text) => terminal.say(text));
  const token = signedIn.accessToken;
  const account = workspace === undefined ? undefined : await acceptedAccount(url, workspace, token);
  profiles.write(name, { url, workspace, ...signedIn });
  const user = claimsOf(token).sub;
  terminal.result({ profile: name, url, workspace, ...account, expiresAt: signedIn.expiresAt }, () =>
    [
      `Signed in${user === undefined ? "" : ` as ${user}`} to ${url} with profile ${name}.`,
      ...(workspace === undefined
        ? ["No workspace chosen. Add --workspace to each command, or sign in with it."]
        : []),
    ].join("\n"),
  );
};

/** Keeps the token of a person whom the service does not know yet, but not one that the service rejects. */
const acceptedAccount = async (
  url: string,
  workspace: string,
  token: string,
): Promise<Account | undefined> => {
  const api = createClient({ url, workspace, token: async () => token, retry: true });
  return accountOf(api, token).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status === undefined) throw error;
    if (error.status !== 401) return undefined;
    throw notSignedIn("The service rejected the token. Nothing was stored.");
  });
};

const logout = async (
  { env, profiles, terminal }: CommandContext,
  options: ConnectionOptions,
): Promise<undefined> => {
  const name = profileName(options, env);
  const renewal = profiles.read(name)?.renewal;
  // Deleted first: this machine is signed out, whatever the issuer responds.
  profiles.remove(name);
  if (renewal?.kind === "refresh-token" && renewal.revocationEndpoint !== undefined) {
    const { revoke } = await import("../login/renew.ts");
    await revoke(renewal, env).catch((error: unknown) =>
      terminal.say(
        `The refresh token could not be revoked: ${error instanceof Error ? error.message : error}`,
      ),
    );
  }
  terminal.result({ profile: name, signedIn: false }, () => `Signed out of profile ${name}.`);
};

interface Account {
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly role?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/**
 * The subject of a token, with their role according to the service. A user who is not a member has none; a machine
 * client has scopes instead.
 * @throws ApiError 401 if the service rejects the token
 */
const accountOf = async (api: Client, token: string): Promise<Account> => {
  const { sub, client_id: client, scope } = claimsOf(token);
  // A machine's access token has the client itself as its subject; a user's has the user.
  const isClient = client !== undefined && (sub === undefined || sub === client);
  const member = await api.getMember({ userId: sub ?? client ?? "me" }).catch((error: unknown): undefined => {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  });
  return {
    user: isClient ? undefined : sub,
    client: isClient ? client : undefined,
    role: member?.role,
    permissions: member?.permissions,
    scopes: isClient ? scope?.split(" ") : undefined,
  };
};
