/**
 * The signed-in session. The token is kept only in this tab's memory and sessionStorage, which are cleared when the tab closes;
 * never in localStorage, a cookie or a URL.
 */
export interface Session {
  readonly token: string;
  /** The token's subject. */
  readonly userId: string;
  /** Epoch milliseconds by the issuer's clock; undefined if the token does not expire. */
  readonly expiresAt?: number;
}

const KEY = "sluice.session";
const listeners = new Set<() => void>();

const stored = (): Session | undefined => {
  const text = sessionStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as Session);
};
let current = stored();

const change = (session: Session | undefined): void => {
  current = session;
  if (session === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify(session));
  for (const listener of listeners) listener();
};

/** Reads a token's claims, unverified: the server checks them, the page only displays them and schedules renewal. */
const sessionOf = (token: string): Session => {
  const payload = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
    character.charCodeAt(0),
  );
  const { sub = "", exp } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; exp?: number };
  return { token, userId: sub, ...(exp === undefined ? {} : { expiresAt: exp * 1_000 }) };
};

export const session = {
  current: (): Session | undefined => current,
  begin: (token: string): void => change(sessionOf(token)),
  end: (): void => change(undefined),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
