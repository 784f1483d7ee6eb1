import { notSignedIn, usage } from "../failure.ts";
import { type Profile, type Profiles, serviceUrl } from "./profiles.ts";

/** The service that calls go to, and the token that they send. */
export interface Connection {
  readonly url: string;
  readonly workspace: string | undefined;
  /** @param rejected a token that the service has rejected; renewed if possible, returned again otherwise */
  token(rejected?: string): Promise<string>;
}

export interface ConnectionOptions {
  readonly profile?: string;
  readonly url?: string;
  readonly workspace?: string;
}

/** A token is renewed this long before it expires. */
const EARLY_MS = 30_000;

export const profileName = (options: ConnectionOptions, env: NodeJS.ProcessEnv): string =>
  options.profile ?? (env["SLUICE_PROFILE"] || "default");

/** An option overrides the environment, which overrides the profile. */
export const connectionFor = (
  options: ConnectionOptions,
  env: NodeJS.ProcessEnv,
  profiles: Profiles,
): Connection => {
  const name = profileName(options, env);
  const given = env["SLUICE_TOKEN"] || undefined;
  const profile = profiles.read(name);
  const named = options.url ?? (env["SLUICE_URL"] || undefined);
  const url = named === undefined ? profile?.url : serviceUrl(named, "The API address");
  if (url === undefined) {
    if (given !== undefined)
      throw usage("SLUICE_TOKEN is set without an address. Set SLUICE_URL or add --url.");
    throw notSignedIn(unknownProfile(name, profiles));
  }
  const workspace = options.workspace ?? (env["SLUICE_WORKSPACE"] || profile?.workspace);
  if (given !== undefined) return { url, workspace, token: async () => given };
  if (profile === undefined) throw notSignedIn(unknownProfile(name, profiles));
  // A token is sent only to the service that it was issued for.
  if (profile.url !== url)
    throw notSignedIn(
      `Profile ${name} is signed in to ${profile.url}, not to ${url}. Use another --profile.`,
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
  return {
    url: profile.url,
    workspace,
    token: async (rejected) => {
      if (rejected !== undefined || hasExpired(current, Date.now())) {
        const { renewed } = await import("../login/renew.ts");
        current = (await renewed(name, current, env, profiles)) ?? current;
      }
      return current.accessToken;
    },
  };
};

const hasExpired = ({ expiresAt }: Profile, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) - EARLY_MS < now;

const unknownProfile = (name: string, profiles: Profiles): string => {
  const others = profiles.names();
  const existing = others.length === 0 ? "" : ` Existing profiles: ${others.join(", ")}.`;
  return `Not signed in${name === "default" ? "" : ` with profile ${name}`}. Run sluice login.${existing}`;
};
