import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { notSignedIn, usage } from "../failure.ts";

/**
 * The way to get a new access token once this one has expired. A client secret is never stored; it comes from the environment.
 */
export type Renewal =
  | { readonly kind: "none" }
  | { readonly kind: "local"; readonly subject: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "refresh-token";
      /** Undefined in profiles of earlier versions. */
      readonly issuer?: string | undefined;
      readonly tokenEndpoint: string;
      readonly revocationEndpoint?: string | undefined;
      readonly clientId: string;
      readonly refreshToken: string;
    }
  | {
      readonly kind: "client-credentials";
      /** Undefined in profiles of earlier versions. */
      readonly issuer?: string | undefined;
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly scopes?: string | undefined;
      readonly audience?: string | undefined;
    };

export interface Profile {
  readonly url: string;
  readonly workspace?: string | undefined;
  readonly accessToken: string;
  /** ISO 8601; undefined if the issuer did not say. */
  readonly expiresAt?: string | undefined;
  readonly renewal: Renewal;
}

/**
 * Signed-in profiles, one file each, readable only by their owner: `$XDG_CONFIG_HOME/sluice/profiles/<name>.json`. Files are
 * replaced atomically, and concurrent sign-ins to different profiles do not interfere.
 */
export class Profiles {
  readonly #folder: string;
  constructor(env: NodeJS.ProcessEnv) {
    const configured = env["XDG_CONFIG_HOME"] ?? "";
    // The XDG specification says to ignore a relative path.
    const base = isAbsolute(configured) ? configured : join(homedir(), ".config");
    this.#folder = join(base, "sluice", "profiles");
  }

  names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((file) => file.endsWith(".json"))
        .map((file) => file.slice(0, -".json".length));
    } catch {
      return [];
    }
  }

  read(name: string): Profile | undefined {
    let text: string;
    try {
      text = readFileSync(this.#file(name), "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const profile = parsed(text);
    if (profile === undefined)
      throw notSignedIn(`Cannot read profile ${name}. Sign in again: sluice login --profile ${name}`);
    return profile;
  }

  write(name: string, profile: Profile): void {
    const file = this.#file(name);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    chmodSync(this.#folder, 0o700);
    const fresh = `${file}.${process.pid}`;
    rmSync(fresh, { force: true });
    writeFileSync(fresh, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(fresh, file);
  }

  remove(name: string): void {
    rmSync(this.#file(name), { force: true });
  }

  #file(name: string): string {
    if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(name))
      throw usage(`"${name}" is not a valid profile name. Use letters, digits, hyphens and underscores.`);
    return join(this.#folder, `${name}.json`);
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const parsed = (text: string): Profile | undefined => {
  try {
    const value = JSON.parse(text) as Partial<Profile> | null;
    const whole =
      typeof value?.url === "string" &&
      typeof value.accessToken === "string" &&
      typeof value.renewal?.kind === "string";
    return whole ? (value as Profile) : undefined;
  } catch {
    return undefined;
  }
};

/** Whether an address is on this machine. */
export const isLoopback = ({ hostname }: URL): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** The address of an API or an issuer, without a trailing slash. Tokens are sent there, so plain http is allowed only for this machine. */
export const serviceUrl = (text: string, what: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol))
    throw usage(`${what} must be a URL such as https://api.example.com, not ${text}.`);
  if (url.protocol === "http:" && !isLoopback(url))
    throw usage(`${what} must use https: over http, tokens would be sent unencrypted.`);
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw usage(`${what} must not contain a user name, a query or a fragment.`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
};
