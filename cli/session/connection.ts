import { notSignedIn, usage } from "../failure.ts";
import type { Profile, Profiles } from "./profiles.ts";
import { serviceUrl } from "./service-url.ts";

/** Where calls go, and the token that they carry. */
export interface Connection {
  readonly url: string;
  readonly workspace: string | undefined;
  token(): Promise<string>;
  /** A new token after the old one was refused; undefined where there is no way to one. */
  renew(): Promise<string | undefined>;
}

export interface ConnectionOptions {
  readonly profile?: string;
  readonly url?: string;
  readonly workspace?: string;
}

const EARLY_MS = 30_000;

export const profileName = (options: ConnectionOptions, env: NodeJS.ProcessEnv): string =>
  options.profile ?? (env["SLUICE_PROFILE"] || "default");

/** An option wins over the environment, which wins over the profile. */
export const connectionFor = (
  options: ConnectionOptions,
  env: NodeJS.ProcessEnv,
  profiles: Profiles,
): Connection => {
  const name = profileName(options, env);
  const given = env["SLUICE_TOKEN"] || undefined;
  const profile = profiles.read(name);
  const named = options.url ?? (env["SLUICE_URL"] || undefined);
  const url = named === undefined ? profile?.url : serviceUrl(named, "The service's address");
  if (url === undefined) {
    if (given !== undefined)
      throw usage("SLUICE_TOKEN is set, but no address: set SLUICE_URL or give --url.");
    throw notSignedIn(unknownProfile(name, profiles));
  }
  const workspace = options.workspace ?? (env["SLUICE_WORKSPACE"] || profile?.workspace);
  if (given !== undefined) return { url, workspace, token: async () => given, renew: async () => undefined };
  if (profile === undefined) throw notSignedIn(unknownProfile(name, profiles));
  // A token is for the service that it was got for, and is not shown to any other.
  if (profile.url !== url)
    throw notSignedIn(
      `The profile ${name} is signed in to ${profile.url}, not to ${url}: use another --profile.`,
    );
  return withProfile(name, profile, workspace, env, profiles);
};

const withProfile = (
  name: string,
  profile: Profile,
  workspace: string | undefined,
  env: NodeJS.ProcessEnv,
  profiles: Profiles,
): Connection => {
  let current = profile;
  const renew = async (): Promise<string | undefined> => {
    const { renewed } = await import("../login/renew.ts");
    const next = await renewed(name, current, env, profiles);
    if (next !== undefined) current = next;
    return next?.accessToken;
  };
  return {
    url: profile.url,
    workspace,
    token: async () => (hasExpired(current, Date.now()) ? await renew() : undefined) ?? current.accessToken,
    renew,
  };
};

const hasExpired = ({ expiresAt }: Profile, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) - EARLY_MS < now;

const unknownProfile = (name: string, profiles: Profiles): string => {
  const others = profiles.names();
  const known = others.length === 0 ? "" : ` Known profiles: ${others.join(", ")}.`;
  return `Not signed in${name === "default" ? "" : ` as profile ${name}`}: sluice login.${known}`;
};
